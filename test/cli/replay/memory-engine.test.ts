import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryEngine } from '../../../cli/replay/memory-engine.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { anyFlowValues, epoch, eventOf, lineOf, v2 } from '../../support/flows.ts';
import { defaultRules } from '../../support/rules.ts';

/** A batch of flows, and the seconds from the batch before to its arrival. */
interface Batch {
  readonly flows: readonly Record<string, string | number>[];
  readonly wait: number;
}

async function runOf(batches: readonly Batch[], flushSeconds?: number) {
  const bodies: AlertBody[] = [];
  const engine = createMemoryEngine({ formats: [v2], rules: defaultRules, flushSeconds }, ({ body }) => {
    bodies.push(JSON.parse(body) as AlertBody);
  });
  let arrival = epoch;
  for (const [index, { flows, wait }] of batches.entries()) {
    arrival += wait;
    const lines = flows.map((values) => lineOf({ ...values, srcport: 1000 + index }));
    await engine.invoke({ ...eventOf(lines, arrival), backfill: true });
  }
  const isEarly = (await engine.pairs()).length === 0;
  await engine.finish();
  const pairs = new Map((await engine.pairs()).map(({ src, dst, ...numbers }) => [`${src} ${dst}`, numbers]));
  return { pairs, isEarly, alerts: bodies.map(({ rule, key }) => [rule, ...Object.values(key)].join(' ')) };
}

const wait = fc.constantFrom(0, 60, 400, 90_000);

describe('createMemoryEngine with a journal', () => {
  it('leaves the pairs that direct counting leaves, whatever the gaps between batches', async () => {
    const flows = fc.array(anyFlowValues, { minLength: 1, maxLength: 6 });
    const batches = fc.array(fc.record({ flows, wait }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom(60, 300, 900), async (all, flushSeconds) => {
        const [direct, journal] = [await runOf(all), await runOf(all, flushSeconds)];
        expect(journal.pairs).toEqual(direct.pairs);
      }),
    );
  });

  it('counts and alerts at a flush, and at the end of the run', async () => {
    const rejects = (srcaddr: string) =>
      Array.from({ length: 11 }, () => ({ srcaddr, action: 'REJECT', start: epoch, end: epoch + 50 }));
    const batches = [
      { flows: rejects('203.0.113.9'), wait: 120 },
      { flows: rejects('203.0.113.10'), wait: 60 },
    ];
    const [direct, journal] = [await runOf(batches), await runOf(batches, 300)];
    expect({ direct: direct.isEarly, journal: journal.isEarly }).toEqual({ direct: false, journal: true });
    expect(journal.alerts.toSorted()).toEqual(direct.alerts.toSorted());
    expect(journal.alerts.length).toBeGreaterThan(1);
  });
});
