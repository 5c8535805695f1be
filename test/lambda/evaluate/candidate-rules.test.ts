import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Addition } from '../../../lambda/counters/delta.ts';
import { type SlotValue, touchedWindows, windowSlots } from '../../../lambda/counters/window.ts';
import { candidateIndex } from '../../../lambda/evaluate/candidate-rules.ts';
import { evaluateWindow } from '../../../lambda/evaluate/window-value.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { networks } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

/** A rule of any kind that there is: what it says of its correlation and, but for `rules`, which detections it is of. */
interface Asked {
  readonly of: readonly string[];
  readonly type: string;
  readonly condition?: string;
  readonly block?: string;
}

const of = fc.constantFrom(['a'], ['b'], ['c'], ['a', 'b'], ['b', 'c']);
const over = (field = '', most = 30) =>
  fc
    .tuple(fc.constantFrom('gt', 'gte'), fc.integer({ min: 1, max: most }))
    .map(([by, than]) => `{${by}: ${than}${field && `, field: ${field}`}}`);
const block = fc.constantFrom('', 'active_slots: {gte: 2}', 'silent: {for: 180s, while: c}');
const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ of, type: fc.constant('event_count'), condition: over(), block }),
  fc.record({ of, type: fc.constantFrom('value_sum', 'value_avg'), condition: over('bytes') }),
  fc.record({ of, type: fc.constant('value_count'), condition: over('dstport', 5) }),
  fc.record({ of: fc.constant(['a', 'b']), type: fc.constantFrom('temporal', 'temporal_ordered') }),
);

function rulesOf(all: readonly Asked[]): LoadedRules {
  const files = all.map(({ of, type, condition, block }, index) => {
    const isNamed = (name: string) => of.includes(name) || block?.includes(`while: ${name}`);
    const detections = ['a', 'b', 'c'].flatMap((name, port) =>
      isNamed(name)
        ? `title: Flows\nname: ${name}${index}\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: ${port + 1}}, condition: s}`
        : [],
    );
    const rules = of.map((name) => `${name}${index}`).join();
    const correlation = `title: Rule\ncorrelation: {type: ${type}, rules: [${rules}], group-by: [srcaddr], timespan: 1h${condition ? `, condition: ${condition}` : ''}}`;
    const more = block ? `\nflow_sentinel: {${block.replace('while: c', `while: c${index}`)}}` : '';
    return { path: `rules/rule_${index}.yml`, text: [...detections, `${correlation}${more}`].join('\n---\n') };
  });
  return loadRules(compileRules(files, networks));
}

const held = fc.array(fc.tuple(fc.nat(50), fc.nat(2), fc.nat(10)), { maxLength: 40 });

function rulesOfSeries({ rules }: LoadedRules, id: string) {
  return [...rules.values()].filter((rule) => allSeriesOf(rule).includes(id));
}

/** The rules that any window of a counter is over the threshold of, each looked at by itself, in the order of the additions. */
function overOf(
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

it('leaves no rule out that a window is over the threshold of, names none twice, and keeps their order', () => {
  let due = 0;
  let left = 0;
  fc.assert(
    fc.property(
      fc.array(asked, { minLength: 1, maxLength: 12 }),
      held,
      fc.array(fc.nat(20), { maxLength: 4 }),
      fc.boolean(),
      (allAsked, all, picks, isLarge) => {
        const rules = rulesOf(allAsked);
        const series = [...rules.series.values()];
        const slots = new Map<string, Map<number, SlotValue>>();
        for (const [slot, which, amount] of all) {
          const { id, measure } = series[(which + slot) % series.length]!;
          const values = new Set(Array.from({ length: amount }, (_, n) => String(n)));
          const value = isLarge && amount === 10 ? 2n ** 60n : amount;
          slots.set(id, (slots.get(id) ?? new Map()).set(slot, measure.kind === 'distinct' ? values : value));
        }
        const added = picks.map((pick) => series[pick % series.length]!.id);
        const additions = added.map((id): Addition => ({ series: id, slot: 1, amount: 1 }));
        const found = candidateIndex(rules).candidates(additions, { slots });
        const everyOne = [...new Set(added.flatMap((id) => rulesOfSeries(rules, id)))];
        expect(found).toEqual(everyOne.filter((rule) => found.includes(rule)));
        const isOver = overOf(rules, added, slots);
        expect(found).toEqual(expect.arrayContaining(isOver));
        due += isOver.length;
        left += everyOne.length - found.length;
      },
    ),
    { numRuns: byTier(100, 300) },
  );
  expect(due).toBeGreaterThan(0);
  expect(left).toBeGreaterThan(0);
});
