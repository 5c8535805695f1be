import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flow, timeOf } from '../../../lambda/flow-log/flow.ts';
import { rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
import { NetworkTable } from '../../../lambda/networks/network-table.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules, LoadedSeries } from '../../../lambda/rules/loaded.ts';
import { anyFlowValues, directed, epoch, flowOf, v2 } from '../../support/flows.ts';
import { regionsOf } from '../../support/regions.ts';
import { defaultRules, readLists, ruleSetOf, rulesOf, ruleText } from '../../support/rules.ts';

/** Returns the series whose own predicate matches: the expected result of the decision tree. */
const expectedSeries = (rules: LoadedRules, flow: Flow, time: number) =>
  [...rules.series.values()].filter((series) => series.matches(flow, time));

/** Returns the series of each flow. */
function seriesOf(rules: LoadedRules, flows: readonly Flow[]): (readonly LoadedSeries[])[] {
  const { matchOf, matches } = rules.match(rules.columnsOf(rowsOf(flows.map((flow) => ({ flow, arrival: epoch })))));
  return flows.map((_, row) => matches[matchOf[row]!]!);
}

const counting = (selection: string) =>
  ruleText(selection, 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}');

/** Every kind of test: numbers at and beside bounds, text, times, and two fields. */
const everyKind = [
  '{dstport|gt: 443}',
  '{dstport|lte: 443}',
  '{dstport: [22, 443, 8080]}',
  '{dstport|startswith: 4}',
  "{dstport|contains: '2'}",
  "{bytes|re: '^90'}",
  '{packets|gte: 10}',
  '{packets|lt: 9}',
  '{packets: 11}',
  '{packets: null}',
  '{bytes|gt: 9007199254740992}',
  "{bytes: ['9007199254740993', '9223372036854775807']}",
  '{bytes|exists: false}',
  "{srcaddr|cidr: [10.0.0.0/8, '2001:db8::/32']}",
  '{srcaddr|endswith: .5}',
  "{interface-id|re: 'eni-[0-4]'}",
  '{interface-id|cased: eni-A}',
  '{interface-id: eni-a}',
  '{start|hour: [1, 2, 3]}',
  '{end|minute|gt: 30}',
  '{srcaddr|fieldref: dstaddr}',
  '{bytes|fieldref|gt: packets}',
  '{flow-direction: null, action|neq: ACCEPT}',
  '[{dstport: 22}, {action: REJECT}]',
  '{dst_country: DE}',
  '{src_country|neq: BR}',
  '{dst_country: null}',
  '{dst_asn|gt: 64496}',
  '{dst_country|fieldref: src_country}',
];

const table = regionsOf('198.51.100.0 198.51.100.255 64496 DE', '203.0.113.0 203.0.113.255 64500 BR');

const anyFlow = fc
  .record({
    values: anyFlowValues,
    more: fc.record({
      packets: fc.constantFrom('0', '9', '10', '11', '-'),
      'interface-id': fc.constantFrom('eni-1', 'eni-a', 'eni-A', '-'),
      start: fc.integer({ min: epoch, max: epoch + 86_400 }),
      'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
      bytes: fc.constantFrom(
        '9007199254740991',
        '9007199254740992',
        '9007199254740993',
        '9223372036854775807',
        '-',
        '5',
      ),
    }),
    format: fc.constantFrom(v2, directed),
  })
  .map(({ values, more, format }) => flowOf({ ...values, ...more }, format));

describe('seriesMatcher', () => {
  it.each<readonly [name: string, rules: LoadedRules]>([
    ['the default rules', defaultRules],
    ['rules with every kind of test', rulesOf(...everyKind.map(counting))],
    ['no rules', rulesOf()],
    ...everyKind.map((kind) => [kind, rulesOf(counting(kind))] as const),
  ])('finds the series whose predicates match, for %s', (_, rules) => {
    fc.assert(
      fc.property(fc.array(anyFlow, { minLength: 1, maxLength: 30 }), (flows) => {
        rules.regions.current = table;
        const expected = flows.map((flow) => expectedSeries(rules, flow, timeOf(flow)!));
        expect(seriesOf(rules, flows)).toEqual(expected);
      }),
    );
  });

  it('finds series for more combinations of values than it caches', () => {
    const rules = rulesOf(...Array.from({ length: 16 }, (_, n) => counting(`{interface-id|contains: x${n}x}`)));
    const flows = Array.from({ length: 24_000 }, (_, n) => {
      const parts = Array.from({ length: 16 }, (_, bit) => ((n >> bit) & 1 ? `x${bit}x` : 'y')).join('-');
      return flowOf({ 'interface-id': `${parts}-${n}` });
    });
    for (let from = 0; from < flows.length; from += 6000) {
      const some = flows.slice(from, from + 6000);
      expect(seriesOf(rules, some)).toEqual(some.map((flow) => expectedSeries(rules, flow, epoch)));
    }
  });

  it('follows a replaced table of regions', () => {
    const rules = rulesOf(counting('{dst_country: DE}'));
    const matched = () => seriesOf(rules, [flowOf({ dstaddr: '198.51.100.3' })])[0]!.length;
    const counts = [matched()];
    for (const current of [table, regionsOf('198.51.100.0 198.51.100.255 64496 FR'), table, undefined]) {
      rules.regions.current = current;
      counts.push(matched());
    }
    expect(counts).toEqual([0, 1, 0, 1, 0]);
  });

  it('follows a replaced list and the expiry of its entries', () => {
    const lists = readLists('threats:\n  - {network: 203.0.113.0/24, expires: 2026-11-24}\n');
    const rules = loadRules(ruleSetOf([counting("{srcaddr|cidr|expand: '%threats%'}")], lists));
    const matched = (srcaddr: string, end: number) => seriesOf(rules, [flowOf({ srcaddr, end })])[0]!.length;
    expect([
      matched('203.0.113.9', epoch),
      matched('203.0.113.9', epoch + 86_400),
      matched('203.0.113.9', epoch),
    ]).toEqual([1, 0, 1]);
    rules.lists.get('threats')!.current = new NetworkTable([{ network: '198.51.100.0/24' }]);
    expect([matched('203.0.113.9', epoch), matched('198.51.100.9', epoch)]).toEqual([0, 1]);
  });
});
