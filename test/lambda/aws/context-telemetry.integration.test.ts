import { expect, it } from 'vitest';
import { emittedByContext } from '../../support/emitted-metrics.ts';

it('publishes what became of context events, their age, and look-ups without an answer', () => {
  const common = { service: 'flow-sentinel', stack: 'FlowSentinel-dev' };
  const metrics = emittedByContext('FlowSentinel-dev');
  expect(metrics.map(({ name, unit }) => [name, unit])).toEqual([
    ['ContextPlacesNotResolved', 'Count'],
    ['ContextEvents', 'Count'],
    ['ContextEventsIgnored', 'Count'],
    ['ContextEventsUnreadable', 'Count'],
    ['ContextEventAge', 'Seconds'],
  ]);
  for (const { dimensions } of metrics) expect(dimensions).toEqual(common);
  expect(metrics.slice(0, 4).map(({ value }) => value)).toEqual([1, 2, 1, 1]);
});
