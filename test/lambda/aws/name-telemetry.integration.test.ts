import { expect, it } from 'vitest';
import { emittedByNames } from '../../support/emitted-metrics.ts';

it('publishes the number of names that EC2 refused, without those that were found or do not exist', () => {
  const common = { service: 'flow-sentinel', stack: 'FlowSentinel-dev' };
  expect(emittedByNames('FlowSentinel-dev')).toMatchObject([
    { namespace: 'FlowSentinel', name: 'NamesRefused', unit: 'Count', dimensions: common, value: 3 },
  ]);
});
