import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaBuilder } from '../../../lambda/aggregate/delta-builder.ts';
import { addQuantity } from '../../../lambda/common/quantity.ts';
import { applyCompaction, planCompaction } from '../../../lambda/count/compaction.ts';
import { readCounter } from '../../../lambda/count/counter-item.ts';
import { type Counter, type Packed, tokenSlots } from '../../../lambda/counters/counter.ts';
import { pairKey } from '../../../lambda/counters/counter-key.ts';
import { packSlots } from '../../../lambda/counters/packed-slots.ts';
import { retainedSlots } from '../../../lambda/counters/window.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { epoch, flowOf } from '../../support/flows.ts';

const rules = loadRules(compileRuleDirectory());
const series = [...rules.series.values()].filter(
  ({ groupBy, measure }) => groupBy.length === 2 && measure.kind === 'sum',
);
const key = pairKey('10.0.0.1', '10.0.0.2');
const always = { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true };
const now = Math.floor(epoch / 900);

const amounts = fc
  .array(fc.tuple(fc.constantFrom(...series), fc.nat(60), fc.nat(1_000_000)), { maxLength: 60 })
  .map((all) => {
    const bySeries = new Map<string, Map<number, number>>();
    for (const [{ id, slotSeconds }, age, amount] of all) {
      const slots = bySeries.get(id) ?? new Map<number, number>();
      bySeries.set(id, slots.set(Math.floor(epoch / slotSeconds) - age, amount));
    }
    return bySeries;
  });
const someOrNone = fc.oneof(fc.constant(new Map<string, Map<number, number>>()), amounts);
const tokens = fc.array(fc.tuple(fc.integer({ min: -8, max: 2 }), fc.stringMatching(/^[A-Za-z0-9]{8}$/)));

/** A counter as its item says. */
function counterOf(
  own: Packed['amounts'],
  packed: Packed['amounts'],
  remembered: readonly [number, string][],
): Counter {
  const slots = [...own].flatMap(([id, filled]) =>
    [...filled].map(([slot, amount]) => [`s${id}:${slot.toString(36)}`, { N: String(amount) }] as const),
  );
  const sets = [...Map.groupBy(remembered, ([age]) => age)].map(
    ([age, all]) => [`t:${(now + age).toString(36)}`, { SS: all.map(([, token]) => token) }] as const,
  );
  const item = Object.fromEntries<Parameters<typeof readCounter>[0][string]>([...slots, ...sets]);
  return readCounter({ ...item, ...(packed.size > 0 && { p: { B: packSlots(packed) }, v: { N: '3' } }) });
}

function deltaNow() {
  const builder = new DeltaBuilder(key);
  for (const one of series) builder.addToSeries(one, 1, flowOf(), epoch, epoch);
  return builder.deltas()[0]!;
}

/** What lies in slots that windows may ask for. */
function kept({ slots }: Counter) {
  return series.flatMap(({ id, slotSeconds, windows }) =>
    [...(slots.get(id) ?? [])]
      .filter(([slot]) => slot >= Math.floor(epoch / slotSeconds) - retainedSlots(slotSeconds, windows) + 1)
      .map(([slot, amount]) => `${id} ${slot} ${amount}`)
      .sort(),
  );
}

describe('an item that is tidied', () => {
  it('holds the same in each slot that is kept, wherever it holds it', () => {
    fc.assert(
      fc.property(amounts, amounts, tokens, (own, packed, remembered) => {
        const before = counterOf(own, packed, remembered);
        const stale = planCompaction(before, deltaNow(), epoch, rules.series, () => true, always);
        const after = stale ? applyCompaction(before, stale) : before;
        expect(kept(after)).toEqual(kept(before));
        for (const [id, slots] of after.packed?.amounts ?? []) {
          for (const [slot, amount] of slots) {
            expect(after.slots.get(id)?.get(slot)).toBe(
              addQuantity(amount, after.packed?.late.get(id)?.get(slot) ?? 0),
            );
          }
        }
      }),
    );
  });

  it('is so when there are as many parts to remove and to pack as are asked for, and not before', () => {
    fc.assert(
      fc.property(someOrNone, someOrNone, tokens, (own, packed, remembered) => {
        const counter = counterOf(own, packed, remembered);
        const staleFrom = (minParts: number) =>
          planCompaction(counter, deltaNow(), epoch, rules.series, () => true, { ...always, minParts: minParts });
        const stale = staleFrom(1);
        fc.pre(stale !== undefined);
        const forgotten = stale!.tokens.map((slot) => counter.dedupTokens.get(slot)!.size);
        const settled = [...stale!.finishedTokens.values()].map(({ length }) => length);
        const parts = [stale!.slots.length, stale!.packing?.moved.length ?? 0, ...forgotten, ...settled];
        const all = parts.reduce((sum, one) => sum + one);

        expect(staleFrom(all)).toEqual(stale);
        expect(staleFrom(all + 1)).toBeUndefined();
      }),
    );
  });

  it('remembers each batch of the hour before and after that is not settled', () => {
    fc.assert(
      fc.property(amounts, tokens, fc.func(fc.boolean()), (own, remembered, settles) => {
        const isSettled = (token: string) => settles(token);
        const before = counterOf(own, new Map(), remembered);
        const stale = planCompaction(before, deltaNow(), epoch, rules.series, isSettled, always);
        const after = stale ? applyCompaction(before, stale) : before;
        for (const slot of tokenSlots(epoch)) {
          const unsettled = [...(before.dedupTokens.get(slot) ?? [])].filter((token) => !isSettled(token));
          expect([...(after.dedupTokens.get(slot) ?? [])]).toEqual(
            stale ? unsettled : [...(before.dedupTokens.get(slot) ?? [])],
          );
        }
      }),
    );
  });

  it('is left alone while its updates cost no unit less for it', () => {
    const few = counterOf(new Map([[series[0]!.id, new Map([[1, 5]])]]), new Map(), []);
    expect(planCompaction(few, deltaNow(), epoch, rules.series, () => true)).toBeUndefined();
    const many = counterOf(
      new Map([[series[0]!.id, new Map(Array.from({ length: 80 }, (_, n) => [9_975_060 - n, 5]))]]),
      new Map(),
      [],
    );
    expect(planCompaction(many, deltaNow(), epoch, rules.series, () => true)).toBeDefined();
  });
});
