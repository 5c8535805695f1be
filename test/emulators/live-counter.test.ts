import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BatchInProgress, LiveCounter } from '../../emulators/live-counter.ts';
import { pairKey } from '../../lambda/counters/counter-key.ts';
import type { Addition, KeyDelta } from '../../lambda/counters/delta.ts';
import { slotOf } from '../../lambda/counters/window.ts';
import { dueWindows, hasDueWindow } from '../../lambda/evaluate/due-windows.ts';
import { FlowRows } from '../../lambda/flow-log/flow-rows.ts';
import { anyRules } from '../support/any-rules.ts';
import { epoch } from '../support/flows.ts';
import { byTier } from '../support/tier.ts';

const key = pairKey('10.0.0.1', '10.0.0.2');

/** Flows of one series: when they end in seconds from the epoch of the tests, which series, and what they add. */
const anyFlows = fc.array(fc.tuple(fc.nat(3 * 3600), fc.nat(20), fc.nat(10)), { maxLength: 40 });

it('has a due window exactly when the update of the batch has one', () => {
  const found = { due: 0, none: 0 };
  fc.assert(
    fc.property(anyRules, fc.array(anyFlows, { minLength: 1, maxLength: 4 }), (rules, batches) => {
      const series = [...rules.series.values()];
      let batch: BatchInProgress = {
        number: 0,
        isAdding: true,
        pairs: [],
        groups: [],
        chainedRow: [],
        chainedBefore: [],
      };
      const counter = new LiveCounter(key, false, () => batch);
      for (const flows of batches) {
        batch = { ...batch, number: batch.number + 1, groups: [], chainedRow: [], chainedBefore: [] };
        const additions = flows.map(([seconds, which, amount]): Addition => {
          const one = series[which % series.length]!;
          const { measure } = one;
          const end = epoch + seconds;
          const at = { series: one.id, slot: slotOf(end, one.slotSeconds) };
          const isDistinct = measure.kind === 'distinct';
          const value = isDistinct && measure.field === 'end' ? String(end) : String(amount);
          counter.addToSeries(one, isDistinct ? value : amount, end, end, new FlowRows(), 0);
          return isDistinct ? { ...at, values: [value], cap: measure.cap } : { ...at, amount };
        });
        const { firstSeen, lastSeen } = counter;
        const evidence = new Map();
        const delta: KeyDelta = {
          key,
          part: 0,
          totals: undefined,
          firstSeen,
          lastSeen,
          additions,
          evidence,
          overflowPairs: 0,
        };
        const due = dueWindows([{ delta, counter: counter.snapshot() }], rules, new Map());
        expect(hasDueWindow(counter.touched, counter, rules, new Map())).toBe(due.size > 0);
        found[due.size > 0 ? 'due' : 'none'] += 1;
      }
    }),
    { numRuns: byTier(200, 2000) },
  );
  expect(found.due).toBeGreaterThan(0);
  expect(found.none).toBeGreaterThan(0);
});
