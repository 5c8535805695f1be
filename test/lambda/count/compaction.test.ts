import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaBuilder } from '../../../lambda/aggregate/delta-builder.ts';
import { addQuantity } from '../../../lambda/common/quantity.ts';
import { type CompactionInput, planCompaction } from '../../../lambda/count/compaction.ts';
import { applyCompaction, type CompactionPlan } from '../../../lambda/count/compaction-plan.ts';
import { readCounter } from '../../../lambda/count/counter-item.ts';
import type { Counter, Packed } from '../../../lambda/counters/counter.ts';
import { pairKey } from '../../../lambda/counters/counter-key.ts';
import { packSlots } from '../../../lambda/counters/packed-slots.ts';
import { retainedSlots } from '../../../lambda/counters/window.ts';
import { rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
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

/** Reads a counter from an item with separate and packed slots, and dedup tokens by age of their arrival slot. */
function counterOf(
  separate: Packed['amounts'],
  packed: Packed['amounts'],
  remembered: readonly [number, string][],
): Counter {
  const slots = [...separate].flatMap(([id, filled]) =>
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
  const rows = rowsOf([{ flow: flowOf(), arrival: epoch }]);
  for (const one of series) builder.addToSeries(one, 1, epoch, epoch, rows, 0);
  return builder.deltas()[0]!;
}

/** Lists the values in slots that windows may read. */
function retained({ slots }: Counter) {
  return series.flatMap(({ id, slotSeconds, windows }) =>
    [...(slots.get(id) ?? [])]
      .filter(([slot]) => slot >= Math.floor(epoch / slotSeconds) - retainedSlots(slotSeconds, windows) + 1)
      .map(([slot, amount]) => `${id} ${slot} ${amount}`)
      .sort(),
  );
}

/** Plans a compaction after an update at the present. */
function plan(
  counter: Counter,
  options: Partial<Pick<CompactionInput, 'isFinished' | 'options'>> = {},
): CompactionPlan | undefined {
  const update = { delta: deltaNow(), arrival: epoch, series: rules.series };
  return planCompaction({ counter, ...update, isFinished: () => true, ...options });
}

describe('compaction', () => {
  it('retains the value of each retained slot, packed or not', () => {
    fc.assert(
      fc.property(amounts, amounts, tokens, (separate, packed, remembered) => {
        const before = counterOf(separate, packed, remembered);
        const compaction = plan(before, { options: always });
        const after = compaction ? applyCompaction(before, compaction) : before;
        expect(retained(after)).toEqual(retained(before));
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

  it('retains the windows of late flows when an update adds to no slot', () => {
    const builder = new DeltaBuilder(key);
    const hoursLater = epoch + 6 * 3600;
    builder.addContribution(1, 0, hoursLater, hoursLater);
    const [delta] = builder.deltas();
    fc.assert(
      fc.property(amounts, amounts, (separate, packed) => {
        const latest = new Map(
          series.map(({ id, slotSeconds }) => [id, new Map([[Math.floor(epoch / slotSeconds), 1]])]),
        );
        const before = counterOf(new Map([...separate, ...latest]), packed, []);
        const update = { delta: delta!, arrival: hoursLater, series: rules.series, isFinished: () => true };
        const compaction = planCompaction({ counter: before, ...update, options: always });
        expect(retained(compaction ? applyCompaction(before, compaction) : before)).toEqual(retained(before));
      }),
    );
  });

  it('starts when the parts to remove and to pack reach the minimum', () => {
    fc.assert(
      fc.property(someOrNone, someOrNone, tokens, (separate, packed, remembered) => {
        const counter = counterOf(separate, packed, remembered);
        const planFrom = (minParts: number) => plan(counter, { options: { ...always, minParts } });
        const compaction = planFrom(1);
        fc.pre(compaction !== undefined);
        const { slots, packing, finishedTokens } = compaction!;
        const finished = [...finishedTokens.values()].map(({ length }) => length);
        const parts = [slots.length, packing?.moved.length ?? 0, ...finished];
        const all = parts.reduce((sum, one) => sum + one);

        expect(planFrom(all)).toEqual(compaction);
        expect(planFrom(all + 1)).toBeUndefined();
      }),
    );
  });

  it('retains the token of each unfinished batch', () => {
    fc.assert(
      fc.property(amounts, tokens, fc.func(fc.boolean()), (separate, remembered, finishes) => {
        const isFinished = (token: string) => finishes(token);
        const before = counterOf(separate, new Map(), remembered);
        const compaction = plan(before, { isFinished, options: always });
        const after = compaction ? applyCompaction(before, compaction) : before;
        for (const slot of before.dedupTokens.keys()) {
          const unfinished = [...(before.dedupTokens.get(slot) ?? [])].filter((token) => !isFinished(token));
          expect([...(after.dedupTokens.get(slot) ?? [])]).toEqual(
            compaction ? unfinished : [...(before.dedupTokens.get(slot) ?? [])],
          );
        }
      }),
    );
  });

  it('waits until it saves a write unit', () => {
    const few = counterOf(new Map([[series[0]!.id, new Map([[1, 5]])]]), new Map(), []);
    expect(plan(few)).toBeUndefined();
    const many = counterOf(
      new Map([[series[0]!.id, new Map(Array.from({ length: 80 }, (_, n) => [9_975_060 - n, 5]))]]),
      new Map(),
      [],
    );
    expect(plan(many)).toBeDefined();
  });
});
