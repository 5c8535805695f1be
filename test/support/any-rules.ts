import fc from 'fast-check';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { networks } from './rules.ts';

/** The description of a rule of any type: its correlation, and the detections that the correlation refers to. */
interface RuleDescription {
  readonly of: readonly string[];
  readonly type: string;
  readonly condition?: string;
  readonly block?: string;
  /** The threshold of another correlation over the detections, which stands for the first of them. */
  readonly first?: number;
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
  fc.record(
    {
      of: fc.constant(['a', 'b']),
      type: fc.constantFrom('temporal', 'temporal_ordered'),
      first: fc.integer({ min: 1, max: 5 }),
    },
    { requiredKeys: ['of', 'type'] },
  ),
);

/** Any rules, of any type and with any conditions, by `srcaddr`. */
export const anyRules = fc.array(anyRule, { minLength: 1, maxLength: 12 }).map(rulesOf);

function rulesOf(descriptions: readonly RuleDescription[]): LoadedRules {
  const files = descriptions.map(({ of, type, condition, block, first }, index) => {
    const isNamed = (name: string) => of.includes(name) || block?.includes(`while: ${name}`);
    const detections = ['a', 'b', 'c'].flatMap((name, port) =>
      isNamed(name)
        ? `title: Flows\nname: ${name}${index}\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: ${port + 1}}, condition: s}`
        : [],
    );
    const by = 'group-by: [srcaddr], timespan: 1h';
    const rules = of.map((name, n) => (first && n === 0 ? `first${index}` : `${name}${index}`)).join();
    if (first) {
      detections.push(
        `title: First\nname: first${index}\ncorrelation: {type: event_count, rules: [${of[0]}${index}], ${by}, condition: {gte: ${first}}}`,
      );
    }
    const correlation = `title: Rule\ncorrelation: {type: ${type}, rules: [${rules}], ${by}${condition ? `, condition: ${condition}` : ''}}`;
    const more = block ? `\nflow_sentinel: {${block.replace('while: c', `while: c${index}`)}}` : '';
    return { path: `rules/rule_${index}.yml`, text: [...detections, `${correlation}${more}`].join('\n---\n') };
  });
  return loadRules(compileRules(files, networks));
}
