import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type SlotValue, touchedWindows, windowSlots } from '../../../lambda/counters/window.ts';
import { candidateIndex } from '../../../lambda/evaluate/candidate-rules.ts';
import { boundsOf } from '../../../lambda/evaluate/upper-bound.ts';
import { evaluateWindow } from '../../../lambda/evaluate/window-value.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { anyRules } from '../../support/any-rules.ts';
import { byTier } from '../../support/tier.ts';

const anySlots = fc.array(fc.tuple(fc.nat(50), fc.nat(2), fc.nat(10)), { maxLength: 40 });

function rulesOfSeries({ rules }: LoadedRules, id: string) {
  return [...rules.values()].filter((rule) => allSeriesOf(rule).includes(id));
}

/** Returns the rules that a window of the counter exceeds, each evaluated by itself, in the order of the additions. */
function exceededRules(
  rules: LoadedRules,
  added: readonly string[],
  slots: ReadonlyMap<string, ReadonlyMap<number, SlotValue>>,
) {
  const touched = new Set(added.flatMap((id) => rulesOfSeries(rules, id)));
  return [...touched].filter((rule) => {
    const ids = allSeriesOf(rule);
    const filled = ids.flatMap((id) => [...(slots.get(id)?.keys() ?? [])]);
    const length = windowSlots(rule.timespanSeconds, rules.series.get(ids[0]!)!.slotSeconds);
    return touchedWindows(filled, filled, length).some(
      (range) => evaluateWindow(rule, range, { slots, series: rules.series }).multiple !== undefined,
    );
  });
}

it('returns all rules that a window exceeds, each once, in the order of the rule set', () => {
  let exceededCount = 0;
  let skippedCount = 0;
  fc.assert(
    fc.property(
      anyRules,
      anySlots,
      fc.array(fc.nat(20), { maxLength: 4 }),
      fc.boolean(),
      (rules, filled, picks, isLarge) => {
        const series = [...rules.series.values()];
        const slots = new Map<string, Map<number, SlotValue>>();
        for (const [slot, which, amount] of filled) {
          const { id, measure } = series[(which + slot) % series.length]!;
          const values = new Set(Array.from({ length: amount }, (_, n) => String(n)));
          const value = isLarge && amount === 10 ? 2n ** 60n : amount;
          slots.set(id, (slots.get(id) ?? new Map()).set(slot, measure.kind === 'distinct' ? values : value));
        }
        const added = picks.map((pick) => series[pick % series.length]!.id);
        const found = candidateIndex(rules).candidates(added, boundsOf({ slots }));
        const ofSeries = [...new Set(added.flatMap((id) => rulesOfSeries(rules, id)))];
        expect(found).toEqual(ofSeries.filter((rule) => found.includes(rule)));
        const exceeded = exceededRules(rules, added, slots);
        expect(found).toEqual(expect.arrayContaining(exceeded));
        exceededCount += exceeded.length;
        skippedCount += ofSeries.length - found.length;
      },
    ),
    { numRuns: byTier(100, 300) },
  );
  expect(exceededCount).toBeGreaterThan(0);
  expect(skippedCount).toBeGreaterThan(0);
});
