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
      .filter((line) => !line.endsWith('give it its own file'))
      .join('\n');
  }
  return 'none';
}

/** A correlation that names all three detections, so that none stands alone. */
const correlation = (text: string, name = 'outer', rest = '') =>
  `title: ${name}\nname: ${name}\ncorrelation: {${text}}\n${rest}`;

const pair = 'group-by: [srcaddr, dstaddr], timespan: 1h';
const all = 'rules: [knock, entry, other]';

describe('compileRule', () => {
  it('asks a temporal correlation for all of its rules, each counted by itself', () => {
    const { rules, series } = compiled(correlation(`type: temporal, ${all}, ${pair}`));
    expect(rules).toMatchObject([{ name: 'mine', comparison: 'gte', threshold: 3, escalate: [] }]);
    expect(series.map(({ measure }) => measure.kind)).toEqual(['count', 'count', 'count']);
  });

  it('takes the number of rules that a temporal correlation asks for', () => {
    expect(compiled(correlation(`type: temporal, ${all}, ${pair}, condition: {gt: 1}`)).rules).toMatchObject([
      { comparison: 'gte', threshold: 2 },
    ]);
  });

  it('keeps the times of what must come in order', () => {
    const { series } = compiled(correlation(`type: temporal_ordered, ${all}, ${pair}`));
    expect(series.map(({ measure }) => measure)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'distinct', field: 'end', cap: 20 })),
    );
  });

  it('lets a correlation stand within a temporal one, with the group-by of that', () => {
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

  it('generates what a correlation refers to as rules of their own, named after file and rule', () => {
    const { rules } = compiled(correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'generate: true\n'));
    expect(rules.map(({ name }) => name)).toEqual(['mine', 'mine.entry', 'mine.knock', 'mine.other']);
  });

  it('gives no name and no id twice', () => {
    const [knock] = detections.split('---\n') as [string];
    const id = 'id: 1e0a4a57-6a0c-4a0b-8f5e-b4a6f3b1d205\n';
    const named = (path: string, text = knock) => ({ path, text });
    const many = correlation(
      `type: event_count, rules: [knock], ${pair}, condition: {gte: 3}`,
      'many',
      'generate: true\n',
    );
    expect(() => compileRules([named('a.yml'), named('a.yaml')], networks)).toThrow(
      'a.yaml:1: a rule is named a already, that of a.yml:1; rename one of the two',
    );
    expect(() =>
      compileRules(
        [named('a.yml', `${knock}---\n${many}`), named('a.knock.yml', knock.replace('name: knock', 'name: it'))],
        networks,
      ),
    ).toThrow('a.knock.yml:1: a rule is named a.knock already, that of a.yml:1; rename one of the two');
    expect(() => compileRules([named('a.yml', knock + id), named('b.yml', knock + id)], networks)).toThrow(
      'b.yml:5: a.yml:5 has the same id; give each its own',
    );
  });

  it('reads a group from the field that an alias names for each rule, those of the same fields together', () => {
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

  it('tells combinations of several fields apart', () => {
    const { series } = compiled(
      correlation(`type: value_count, ${all}, ${pair}, condition: {gte: 3, field: [dstport, protocol]}`),
    );
    expect(series).toMatchObject([{ measure: { kind: 'distinct', field: 'dstport', also: ['protocol'] } }]);
  });

  it('counts what is over the threshold, and all, for a percentile', () => {
    const { rules, series } = compiled(
      correlation(`type: value_percentile, ${all}, ${pair}, condition: {gt: 1000, field: bytes, percentile: 95}`),
    );
    expect(rules[0]?.correlation).toMatchObject({ type: 'value_percentile', percentile: 95, field: 'bytes' });
    expect(series.map(({ measure }) => measure.kind)).toEqual(['count', 'count']);
  });

  it('takes a fraction for an average only', () => {
    expect(
      compiled(correlation(`type: value_avg, ${all}, ${pair}, condition: {gt: 10.5, field: bytes}`)).rules[0]
        ?.threshold,
    ).toBe(10.5);
  });

  it('takes the status test for a rule that says none', () => {
    const text = `type: event_count, ${all}, ${pair}, condition: {gte: 2}`;
    expect(compiled(correlation(text)).rules[0]?.status).toBe('test');
    expect(compiled(correlation(text, 'outer', 'status: experimental\n')).rules[0]?.status).toBe('experimental');
  });

  it('reads our own block', () => {
    const block =
      'flow_sentinel: {active_slots: {gte: 19}, slot: {lte: 50000, spread: 3}, first_seen: {within: 1d, learning: 7d}, silent: {for: 30m, while: other}}\n';
    const { rules, series } = compiled(
      correlation(`type: value_sum, rules: [knock, entry], ${pair}, condition: {gte: 1, field: bytes}`, 'outer', block),
    );
    expect(rules.find(({ name }) => name === 'mine')?.extension).toEqual({
      activeSlots: 19,
      slotMost: 50_000,
      slotSpread: 3,
      firstSeen: { withinSeconds: 86_400, learningSeconds: 604_800 },
      silent: { forSeconds: 1800, while: series[1]?.id },
    });
  });

  it.each([
    [
      'a criterion that only the end of time decides',
      correlation(`type: event_count, ${all}, ${pair}, condition: {eq: 3}`),
      'rules/mine.yml:18: correlation.condition.eq: what is less than, or just, a number cannot be told before its time is over',
    ],
    [
      'an event_count of a correlation',
      `${correlation(`type: event_count, rules: [inner, other], ${pair}, condition: {gte: 2}`)}---\n${correlation(`type: event_count, rules: [knock, entry], ${pair}, condition: {gte: 2}`, 'inner')}`,
      'rules/mine.yml:18: event_count cannot count the matches of a correlation, since a stream has no moment at which one is over; only temporal and temporal_ordered take one',
    ],
    [
      'a temporal correlation within another',
      `${correlation(`type: temporal, rules: [inner, other], ${pair}`)}---\n${correlation(`type: temporal, rules: [knock, entry], ${pair}`, 'inner')}`,
      'rules/mine.yml:18: inner is a temporal, and only event_count, value_sum and value_count can stand within another correlation',
    ],
    [
      'an inner correlation of another timespan',
      `${correlation(`type: temporal, rules: [inner, other], ${pair}`)}---\n${correlation('type: event_count, rules: [knock, entry], group-by: [srcaddr], timespan: 5m, condition: {gte: 2}', 'inner')}`,
      'rules/mine.yml:18: inner has the timespan 5m, expected that of this rule, 1h: both are judged by the same slots of time',
    ],
    [
      'a temporal correlation of one rule',
      correlation(`type: temporal, rules: [knock], ${pair}`),
      'rules/mine.yml:18: temporal needs two rules or more',
    ],
    [
      'an order of only some rules',
      correlation(`type: temporal_ordered, ${all}, ${pair}, condition: {gte: 2}`),
      'rules/mine.yml:18: temporal_ordered needs all of its rules, one after the other',
    ],
    [
      'more rules than there are',
      correlation(`type: temporal, ${all}, ${pair}, condition: {gte: 4}`),
      'rules/mine.yml:18: there are only 3 rules',
    ],
    [
      'a correlation without a condition',
      correlation(`type: event_count, ${all}, ${pair}`),
      'rules/mine.yml:18: event_count needs a condition',
    ],
    [
      'a percentile without its number',
      correlation(`type: value_percentile, ${all}, ${pair}, condition: {gt: 1, field: bytes}`),
      'rules/mine.yml:18: value_percentile needs condition.percentile, a number from 1 to 100; the median is 50',
    ],
    [
      'a percentile of a sum',
      correlation(`type: value_sum, ${all}, ${pair}, condition: {gt: 1, field: bytes, percentile: 5}`),
      'rules/mine.yml:18: value_sum takes no percentile',
    ],
    [
      'a fraction of flows',
      correlation(`type: event_count, ${all}, ${pair}, condition: {gt: 1.5}`),
      'rules/mine.yml:18: event_count is a whole number, expected one to compare it to',
    ],
    [
      'an alias named like a field',
      correlation(
        `type: event_count, ${all}, aliases: {srcport: {knock: srcaddr}}, group-by: [srcaddr], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: srcport is the name of a field, expected another for an alias',
    ],
    [
      'an alias that leaves a rule out',
      correlation(
        `type: event_count, ${all}, aliases: {host: {knock: srcaddr, entry: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: the alias host says nothing of the rule other',
    ],
    [
      'a correlation that is about itself, by way of another',
      [
        correlation('type: temporal, rules: [inner, knock, entry, other], group-by: [srcaddr], timespan: 1h'),
        correlation('type: temporal, rules: [outer, knock], group-by: [srcaddr], timespan: 1h', 'inner'),
      ].join('---\n'),
      [
        'rules/mine.yml:18: a correlation cannot refer to itself, nor by way of others',
        'rules/mine.yml:22: a correlation cannot refer to itself, nor by way of others',
      ].join('\n'),
    ],
    [
      'a rule twice where order does not matter',
      correlation('type: temporal, rules: [knock, entry, other, knock], group-by: [srcaddr], timespan: 1h'),
      'rules/mine.yml:18: the rule "knock" stands there twice',
    ],
    [
      'an alias of no field',
      correlation(
        `type: event_count, ${all}, aliases: {host: {knock: user, entry: srcaddr, other: srcaddr}}, group-by: [host], timespan: 1h, condition: {gte: 2}`,
      ),
      'rules/mine.yml:18: "user" is no field of VPC Flow Logs: a flow record does not say who was logged in',
    ],
    [
      'multiples of an order',
      correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'alert: {escalate: [2]}\n'),
      'rules/mine.yml:19: a temporal has no multiples to escalate at, expected []',
    ],
    [
      'a rule that is not to be run',
      correlation(`type: event_count, ${all}, ${pair}, condition: {gte: 2}`, 'outer', 'status: deprecated\n'),
      'rules/mine.yml:19: a rule that is deprecated does not run: remove it, or set its status to test',
    ],
    [
      'first seen of a source',
      correlation(
        `type: event_count, ${all}, group-by: [srcaddr], timespan: 1h, condition: {gte: 2}`,
        'outer',
        'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}\n',
      ),
      'rules/mine.yml:19: only pairs are seen at each of their flows, expected group-by: [srcaddr, dstaddr]',
    ],
    [
      'slots of an order',
      correlation(`type: temporal, ${all}, ${pair}`, 'outer', 'flow_sentinel: {active_slots: {gte: 2}}\n'),
      'rules/mine.yml:19: a temporal has no slots to look at; expected event_count, value_sum or value_count',
    ],
    [
      'silence while nothing goes on',
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
