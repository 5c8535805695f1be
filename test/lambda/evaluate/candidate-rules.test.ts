import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Addition } from '../../../lambda/counters/delta.ts';
import { type SlotValue, touchedWindows, windowSlots } from '../../../lambda/counters/window.ts';
import { candidateIndex } from '../../../lambda/evaluate/candidate-rules.ts';
import { boundsOf } from '../../../lambda/evaluate/upper-bound.ts';
import { evaluateWindow } from '../../../lambda/evaluate/window-value.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { networks } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

/** The description of a rule of any type: its correlation, and the detections that the correlation refers to. */
interface RuleDescription {
  readonly of: readonly string[];
  readonly type: string;
  readonly condition?: string;
  readonly block?: string;
}

const of = fc.constantFrom(['a'], ['b'], ['c'], ['a', 'b'], ['b', 'c']);
const conditionOver = (field = '', max = 30) =>
  fc
    .tuple(fc.constantFrom('gt', 'gte'), fc.integer({ min: 1, max }))
    .map(([comparison, threshold]) => `{${comparison}: ${threshold}${field && `, field: ${field}`}}`);
const block = fc.constantFrom('', 'active_slots: {gte: 2}', 'silent: {for: 180s, while: c}');
const anyRule: fc.Arbitrary<RuleDescription> = fc.oneof(
  fc.record({ of, type: fc.constant('event_count'), condition: conditionOver(), block }),
  fc.record({ of, type: fc.constantFrom('value_sum', 'value_avg'), condition: conditionOver('bytes') }),
  fc.record({ of, type: fc.constant('value_count'), condition: conditionOver('dstport', 5) }),
  fc.record({ of: fc.constant(['a', 'b']), type: fc.constantFrom('temporal', 'temporal_ordered') }),
);

function rulesOf(descriptions: readonly RuleDescription[]): LoadedRules {
  const files = descriptions.map(({ of, type, condition, block }, index) => {
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
      fc.array(anyRule, { minLength: 1, maxLength: 12 }),
      anySlots,
      fc.array(fc.nat(20), { maxLength: 4 }),
      fc.boolean(),
      (descriptions, filled, picks, isLarge) => {
        const rules = rulesOf(descriptions);
        const series = [...rules.series.values()];
        const slots = new Map<string, Map<number, SlotValue>>();
        for (const [slot, which, amount] of filled) {
          const { id, measure } = series[(which + slot) % series.length]!;
          const values = new Set(Array.from({ length: amount }, (_, n) => String(n)));
          const value = isLarge && amount === 10 ? 2n ** 60n : amount;
          slots.set(id, (slots.get(id) ?? new Map()).set(slot, measure.kind === 'distinct' ? values : value));
        }
        const added = picks.map((pick) => series[pick % series.length]!.id);
        const additions = added.map((id): Addition => ({ series: id, slot: 1, amount: 1 }));
        const found = candidateIndex(rules).candidates(additions, { slots });
        const ofSeries = [...new Set(added.flatMap((id) => rulesOfSeries(rules, id)))];
        expect(found).toEqual(ofSeries.filter((rule) => found.includes(rule)));
        const hasCandidates = (id: string) => candidateIndex(rules).hasCandidates(id, boundsOf({ slots }));
        expect(added.some(hasCandidates)).toBe(found.length > 0);
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
