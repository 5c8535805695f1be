import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { networks } from '../../support/rules.ts';

/** Three detections to correlate. */
const detections = ['knock', 'entry', 'other']
  .map(
    (name, index) =>
      `title: ${name}\nname: ${name}\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: ${index + 1}}, condition: s}\n`,
  )
  .join('---\n');

function compiled(...documents: string[]) {
  return compileRules([{ path: 'rules/mine.yml', text: [detections, ...documents].join('---\n') }], networks);
}

function problemsOf(...documents: string[]): string {
  try {
    compiled(...documents);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error))
      .split('\n')
      .filter((line) => !line.endsWith('move it to a separate file'))
      .join('\n');
  }
  return 'none';
}

/** Writes a correlation. */
const correlation = (text: string, name = 'outer', rest = '') =>
  `title: ${name}\nname: ${name}\ncorrelation: {${text}}\n${rest}`;

const pair = 'group-by: [srcaddr, dstaddr], timespan: 1h';
const all = 'rules: [knock, entry, other]';

describe('compileRule', () => {
  it('asks for all rules of a temporal correlation, each with a separate series', () => {
    const { rules, series } = compiled(correlation(`type: temporal, ${all}, ${pair}`));
    expect(rules).toMatchObject([{ name: 'mine', comparison: 'gte', threshold: 3, escalate: [] }]);
    expect(series.map(({ measure }) => measure.kind)).toEqual(['count', 'count', 'count']);
  });

  it('takes the number of rules from the condition of a temporal correlation', () => {
    expect(compiled(correlation(`type: temporal, ${all}, ${pair}, condition: {gt: 1}`)).rules).toMatchObject([
      { comparison: 'gte', threshold: 2 },
    ]);
  });

  it('stores the end times of the rules of a temporal_ordered correlation', () => {
    const { series } = compiled(correlation(`type: temporal_ordered, ${all}, ${pair}`));
    expect(series.map(({ measure }) => measure)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'distinct', field: 'end', cap: 20 })),
    );
  });

  it('compiles a correlation within a temporal one with the outer group-by', () => {
    const inner = correlation(
      'type: event_count, rules: [knock, other], group-by: [srcaddr], timespan: 1h, condition: {gt: 3}',
      'inner',
    );
    const { rules, series } = compiled(correlation(`type: temporal_ordered, rules: [inner, entry], ${pair}`), inner);
    expect(rules).toHaveLength(1);
    expect(rules[0]?.correlation).toMatchObject({
      parts: [{ name: 'inner', comparison: 'gt', threshold: 3 }, { name: 'entry' }],
    });
    expect(series.map(({ groupBy }) => groupBy)).toEqual([
      ['dstaddr', 'srcaddr'],
      ['dstaddr', 'srcaddr'],
    ]);
  });

  it('names the rules that generate adds after file and rule', () => {
    const { rules } = compiled(correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'generate: true\n'));
    expect(rules.map(({ name }) => name)).toEqual(['mine', 'mine.entry', 'mine.knock', 'mine.other']);
  });

  it('refuses a name or an id that another rule has', () => {
    const [knock] = detections.split('---\n') as [string];
    const id = 'id: 1e0a4a57-6a0c-4a0b-8f5e-b4a6f3b1d205\n';
    const named = (path: string, text = knock) => ({ path, text });
    const many = correlation(
      `type: event_count, rules: [knock], ${pair}, condition: {gte: 3}`,
      'many',
      'generate: true\n',
    );
    expect(() => compileRules([named('a.yml'), named('a.yaml')], networks)).toThrow(
      'a.yaml:1: the rule at a.yml:1 has the same name, a; rename one of the two',
    );
    expect(() =>
      compileRules(
        [named('a.yml', `${knock}---\n${many}`), named('a.knock.yml', knock.replace('name: knock', 'name: it'))],
        networks,
      ),
    ).toThrow('a.knock.yml:1: the rule at a.yml:1 has the same name, a.knock; rename one of the two');
    expect(() => compileRules([named('a.yml', knock + id), named('b.yml', knock + id)], networks)).toThrow(
      'b.yml:5: a.yml:5 has the same id; each id must be unique',
    );
  });

  it('reads the key from the field of an alias, with one series for the rules of the same fields', () => {
    const { series, rules } = compiled(
      correlation(
        `type: event_count, ${all}, aliases: {host: {knock: srcaddr, entry: dstaddr, other: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
      ),
    );
    expect(rules[0]?.groupBy).toEqual(['host']);
    expect(series.map(({ groupBy, groupFields }) => [groupBy, groupFields])).toEqual([
      [['host'], ['srcaddr']],
      [['host'], ['dstaddr']],
    ]);
  });

  it('finds a rule in an alias by its id', () => {
    const id = '1e0a4a57-6a0c-4a0b-8f5e-b4a6f3b1d205';
    const text = `${detections}---\n${correlation(
      `type: event_count, rules: [${id}, entry, other], aliases: {host: {${id}: srcaddr, entry: dstaddr, other: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
    )}`.replace('name: knock\n', `name: knock\nid: ${id}\n`);
    const { series } = compileRules([{ path: 'rules/mine.yml', text }], networks);
    expect(series.map(({ groupFields }) => groupFields)).toEqual([['srcaddr'], ['dstaddr']]);
  });

  it('counts distinct combinations of several fields', () => {
    const { series } = compiled(
      correlation(`type: value_count, ${all}, ${pair}, condition: {gte: 3, field: [dstport, protocol]}`),
    );
    expect(series).toMatchObject([{ measure: { kind: 'distinct', field: 'dstport', also: ['protocol'] } }]);
  });

  it('counts the flows above the threshold and all flows of a percentile', () => {
    const { rules, series } = compiled(
      correlation(`type: value_percentile, ${all}, ${pair}, condition: {gt: 1000, field: bytes, percentile: 95}`),
    );
    expect(rules[0]?.correlation).toMatchObject({ type: 'value_percentile', percentile: 95, field: 'bytes' });
    expect(series.map(({ measure }) => measure.kind)).toEqual(['count', 'count']);
  });

  it('takes a fraction as the threshold of an average', () => {
    expect(
      compiled(correlation(`type: value_avg, ${all}, ${pair}, condition: {gt: 10.5, field: bytes}`)).rules[0]
        ?.threshold,
    ).toBe(10.5);
  });

  it('takes the status test for a rule without a status', () => {
    const text = `type: event_count, ${all}, ${pair}, condition: {gte: 2}`;
    expect(compiled(correlation(text)).rules[0]?.status).toBe('test');
    expect(compiled(correlation(text, 'outer', 'status: experimental\n')).rules[0]?.status).toBe('experimental');
  });

  it('reads the block flow_sentinel', () => {
    const block =
      'flow_sentinel: {active_slots: {gte: 9}, slot: {lte: 50000, spread: 3}, first_seen: {within: 1d, learning: 7d}, silent: {for: 30m, while: other}}\n';
    const { rules, series } = compiled(
      correlation(`type: value_sum, rules: [knock, entry], ${pair}, condition: {gte: 1, field: bytes}`, 'outer', block),
    );
    expect(rules.find(({ name }) => name === 'mine')?.extension).toEqual({
      activeSlots: 9,
      maxSlotValue: 50_000,
      maxSlotSpread: 3,
      firstSeen: { withinSeconds: 86_400, learningSeconds: 604_800 },
      silent: { forSeconds: 1800, while: series[1]?.id },
    });
  });

  it.each([
    [
      'a condition that is known only once the window has closed',
      correlation(`type: event_count, ${all}, ${pair}, condition: {eq: 3}`),
      'rules/mine.yml:18: correlation.condition.eq: lt, lte, eq and neq are not supported: on a stream they are known only once the window has closed; use gt or gte',
    ],
    [
      'an event_count of a correlation',
      `${correlation(`type: event_count, rules: [inner, other], ${pair}, condition: {gte: 2}`)}---\n${correlation(`type: event_count, rules: [knock, entry], ${pair}, condition: {gte: 2}`, 'inner')}`,
      'rules/mine.yml:18: event_count cannot count the matches of a correlation: on a stream it is unknown when a match is complete; only temporal and temporal_ordered can refer to a correlation',
    ],
    [
      'a temporal correlation within another',
      `${correlation(`type: temporal, rules: [inner, other], ${pair}`)}---\n${correlation(`type: temporal, rules: [knock, entry], ${pair}`, 'inner')}`,
      'rules/mine.yml:18: inner has the type temporal; only event_count, value_sum and value_count can be part of another correlation',
    ],
    [
      'an inner correlation of another timespan',
      `${correlation(`type: temporal, rules: [inner, other], ${pair}`)}---\n${correlation('type: event_count, rules: [knock, entry], group-by: [srcaddr], timespan: 5m, condition: {gte: 2}', 'inner')}`,
      'rules/mine.yml:18: inner has the timespan 5m, expected 1h as in this rule: both are evaluated in the same slots of time',
    ],
    [
      'a temporal correlation of one rule',
      correlation(`type: temporal, rules: [knock], ${pair}`),
      'rules/mine.yml:18: temporal needs two rules or more',
    ],
    [
      'a temporal_ordered correlation that asks for some of its rules',
      correlation(`type: temporal_ordered, ${all}, ${pair}, condition: {gte: 2}`),
      'rules/mine.yml:18: temporal_ordered needs all its rules; remove the condition',
    ],
    [
      'a threshold above the number of rules',
      correlation(`type: temporal, ${all}, ${pair}, condition: {gte: 4}`),
      'rules/mine.yml:18: the condition asks for 4 rules, expected at most 3, the number of rules',
    ],
    [
      'a correlation without a condition',
      correlation(`type: event_count, ${all}, ${pair}`),
      'rules/mine.yml:18: event_count needs a condition with gt or gte',
    ],
    [
      'a percentile without its number',
      correlation(`type: value_percentile, ${all}, ${pair}, condition: {gt: 1, field: bytes}`),
      'rules/mine.yml:18: value_percentile needs condition.percentile, a number from 1 to 100; the median is 50',
    ],
    [
      'a percentile of a sum',
      correlation(`type: value_sum, ${all}, ${pair}, condition: {gt: 1, field: bytes, percentile: 5}`),
      'rules/mine.yml:18: percentile is not supported for value_sum; remove it',
    ],
    [
      'a fraction as the threshold of a count',
      correlation(`type: event_count, ${all}, ${pair}, condition: {gt: 1.5}`),
      'rules/mine.yml:18: the threshold of event_count is invalid: got 1.5, expected a whole number',
    ],
    [
      'an alias with the name of a field',
      correlation(
        `type: event_count, ${all}, aliases: {srcport: {knock: srcaddr}}, group-by: [srcaddr], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: the alias srcport has the name of a field; choose another name',
    ],
    [
      'an alias without a field for a rule',
      correlation(
        `type: event_count, ${all}, aliases: {host: {knock: srcaddr, entry: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: the alias host has no field for the rule other; add one',
    ],
    [
      'a correlation that refers to itself through another',
      [
        correlation('type: temporal, rules: [inner, knock, entry, other], group-by: [srcaddr], timespan: 1h'),
        correlation('type: temporal, rules: [outer, knock], group-by: [srcaddr], timespan: 1h', 'inner'),
      ].join('---\n'),
      [
        'rules/mine.yml:18: a correlation cannot refer to itself, directly or through others',
        'rules/mine.yml:22: a correlation cannot refer to itself, directly or through others',
      ].join('\n'),
    ],
    [
      'a repeated rule in a temporal correlation',
      correlation('type: temporal, rules: [knock, entry, other, knock], group-by: [srcaddr], timespan: 1h'),
      'rules/mine.yml:18: the rule "knock" is listed twice',
    ],
    [
      'an alias for an unknown field',
      correlation(
        `type: event_count, ${all}, aliases: {host: {knock: user, entry: srcaddr, other: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: VPC Flow Logs have no field "user": a flow record does not name users',
    ],
    [
      'escalate of a temporal correlation',
      correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'alert: {escalate: [2]}\n'),
      'rules/mine.yml:19: escalate is not supported for temporal, which has no multiples; expected []',
    ],
    [
      'a deprecated rule',
      correlation(`type: event_count, ${all}, ${pair}, condition: {gte: 2}`, 'outer', 'status: deprecated\n'),
      'rules/mine.yml:19: a rule with the status deprecated does not run; remove the rule, or set its status to test',
    ],
    [
      'first_seen of a rule that groups by source',
      correlation(
        `type: event_count, ${all}, group-by: [srcaddr], timespan: 1h, condition: {gte: 2}`,
        'outer',
        'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}\n',
      ),
      'rules/mine.yml:19: first_seen is known for pairs, and for groups with a field of regions; expected group-by: [srcaddr, dstaddr], or dst_country among the fields',
    ],
    [
      'active_slots of a temporal correlation',
      correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'flow_sentinel: {active_slots: {gte: 2}}\n'),
      'rules/mine.yml:19: active_slots, slot and silent are not supported for temporal; expected event_count, value_sum or value_count',
    ],
    [
      'silent for longer than the timespan',
      correlation(
        `type: event_count, ${all}, ${pair}, condition: {gte: 2}`,
        'outer',
        'flow_sentinel: {silent: {for: 8d, while: other}}\n',
      ),
      'rules/mine.yml:19: the duration "8d" is invalid: expected a form such as 30s, 15m, 1h or 7d, at most 1h',
    ],
    [
      'silent with an unknown detection',
      correlation(
        `type: event_count, ${all}, ${pair}, condition: {gte: 2}`,
        'outer',
        'flow_sentinel: {silent: {for: 10m, while: nobody}}\n',
      ),
      'rules/mine.yml:19: no detection rule is named "nobody"',
    ],
  ])('refuses %s', (_, text, problem) => {
    expect(problemsOf(text)).toBe(problem);
  });
});
