import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aggregate, aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { type CounterLimits, counterLimits } from '../../../lambda/aggregate/overflow.ts';
import { noBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { CounterKey } from '../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { type Flow, fieldOf } from '../../../lambda/flow-log/flow.ts';
import type { Scope } from '../../../lambda/flow-log/scope.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { collectFlows } from '../../support/deltas.ts';
import { anyFlowValues, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const deployed = formatOf(logFormat);

/** Rules by pair, by source, by target and port, and by a distinct value; 10.0.0.0/8 is inside. */
const rules: LoadedRules = {
  ...rulesOf(
    ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 1}'),
    ruleText(
      '{dstport|lt: 1024}',
      'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
    ),
    ruleText('{action: REJECT}', 'type: event_count, group-by: [dstaddr, dstport], timespan: 1h, condition: {gt: 1}'),
    ruleText(
      '{action: REJECT}',
      'type: value_count, group-by: [dstport, srcaddr], timespan: 1h, condition: {field: dstaddr, gt: 1}',
    ),
  ),
  insideNetworks: [{ groups: [0x0a00, 0], length: 8 }],
};

const anyFlows = fc.array(
  fc
    .tuple(anyFlowValues, fc.constantFrom('111111111111', '222222222222', '-'), fc.constantFrom('vpc-0a', 'vpc-0b'))
    .map(([values, account, vpc]) => flowOf({ ...values, 'account-id': account, 'vpc-id': vpc }, deployed)),
  { maxLength: 40 },
);

const arrived = (flows: readonly Flow[]) => flows.map((flow) => ({ flow, arrival: epoch + 86_400 }));

/** The scope of a flow as keys have it, read field by field. */
function suffixOf(flow: Flow, scope: Scope): string {
  const account = fieldOf(flow, 'account-id') ?? '-';
  return scope === 'account' ? `#${account}` : `#${account}/${fieldOf(flow, 'vpc-id') ?? '-'}`;
}

const comparable = ({ deltas }: Pick<Aggregate, 'deltas'>, suffix = '') =>
  deltas.map(({ key, additions, evidence, ...delta }) => ({
    ...delta,
    pk: key.pk + suffix,
    fields: key.fields,
    additions: additions.map((one) => ('values' in one ? { ...one, values: one.values.toSorted() } : one)),
    evidence: [...evidence].map(([series, { flows, values }]) => [series, flows, values]),
  }));
const byKey = (a: { readonly pk: string; readonly part: number }, b: typeof a) =>
  a.pk < b.pk ? -1 : a.pk > b.pk ? 1 : a.part - b.part;

const sumsByScope = (deltas: readonly KeyDelta[]) => {
  const sums = new Map<string, { bytes: Quantity; rejects: number }>();
  for (const { key, totals } of deltas) {
    if (!totals) continue;
    const suffix = Object.values(key.scope ?? {}).join('/');
    const sum = sums.get(suffix) ?? { bytes: 0, rejects: 0 };
    sums.set(suffix, { bytes: addQuantity(sum.bytes, totals.bytes), rejects: sum.rejects + totals.rejects });
  }
  return new Map([...sums].sort());
};

describe.each<Scope>(['account', 'vpc'])('aggregate with the scope %s', (scope) => {
  const scoped = { ...rules, scope };

  it('keeps records of an interface with and without flows together, since the latter name no VPC', () => {
    const ofInterface = {
      ...rulesOf(
        ruleText(
          '{log-status: [OK, NODATA]}',
          'type: event_count, group-by: [interface-id], timespan: 1h, condition: {gt: 1}',
        ),
      ),
      scope,
    };
    const noData = flowOf({ srcaddr: '-', dstaddr: '-', action: '-', 'log-status': 'NODATA', 'vpc-id': '-' }, deployed);
    const { deltas } = aggregate(arrived([flowOf({ 'vpc-id': 'vpc-0a' }, deployed), noData]), ofInterface);
    const groups = deltas.filter(({ key }) => key.pk.startsWith('group#interface-id#'));
    expect(groups.map(({ key }) => key.scope)).toEqual([{ 'account-id': '123456789012' }]);
  });

  it('counts the flows of each scope as if they were alone', () => {
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const groups = Map.groupBy(flows, (flow) => suffixOf(flow, scope));
        const alone = [...groups].flatMap(([suffix, some]) => comparable(aggregate(arrived(some), rules), suffix));
        const together = aggregate(arrived(flows), scoped);
        expect(comparable(together).sort(byKey)).toEqual(alone.sort(byKey));
        const isInKey = ({ pk, scope: of }: CounterKey) => pk.endsWith(`#${Object.values(of!).join('/')}`);
        expect(together.deltas.every(({ key }) => isInKey(key))).toBe(true);
      }),
    );
  });

  it('finds the refused counters of each scope as if its flows were alone', () => {
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const groups = [...Map.groupBy(flows, (flow) => suffixOf(flow, scope)).values()];
        const alone = groups.map((some) => collectFlows(arrived(some), rules, noBounds).refused);
        expect(collectFlows(arrived(flows), scoped, noBounds).refused).toEqual({
          pairs: alone.reduce((sum, { pairs }) => sum + pairs, 0),
          groups: alone.reduce((sum, { groups: number }) => sum + number, 0),
        });
      }),
    );
  });
});

describe('a flood over several scopes', () => {
  const limits: CounterLimits = { pairs: 10, overflowPairs: 4, refusedOverflowPairs: 4, groups: 5 };
  const scoped: LoadedRules = { ...rules, scope: 'vpc' };
  const flow = fc.record({ src: fc.nat(30), dst: fc.nat(3), isRefused: fc.boolean(), port: fc.constantFrom(22, 23) });

  it('counts every byte and reject in its scope', () => {
    const flows = fc.array(fc.tuple(flow, fc.nat(2)), { maxLength: 120, size: 'max' });
    fc.assert(
      fc.property(flows, fc.nat(20), (specs, pairs) => {
        const all = specs.map(([{ src, dst, isRefused, port }, vpc]) => {
          const values = {
            srcaddr: `198.18.0.${src}`,
            dstaddr: `10.0.0.${dst}`,
            dstport: port,
            'vpc-id': `vpc-${vpc}`,
          };
          return flowOf({ ...values, action: isRefused ? 'REJECT' : 'ACCEPT' }, deployed);
        });
        const { deltas } = collectFlows(arrived(all), scoped, noBounds, limits).aggregate({ pairs, groups: 5 });
        const exact = collectFlows(arrived(all), scoped, noBounds, counterLimits).aggregate({
          pairs: Number.POSITIVE_INFINITY,
          groups: Number.POSITIVE_INFINITY,
        });
        expect(sumsByScope(deltas)).toEqual(sumsByScope(exact.deltas));
        const vpcs = new Set(all.map((one) => fieldOf(one, 'vpc-id'))).size;
        const pairDeltas = deltas.filter(({ totals }) => totals);
        expect(new Set(pairDeltas.map(({ key }) => key.pk)).size).toBeLessThanOrEqual(limits.pairs + vpcs);
      }),
    );
  });

  it('has an overflow pair for each scope', () => {
    const flows = ['vpc-0a', 'vpc-0b'].flatMap((vpc) =>
      Array.from({ length: 60 }, (_, n) =>
        flowOf({ srcaddr: `198.18.0.${n}`, dstaddr: '10.0.0.5', action: 'REJECT', 'vpc-id': vpc }, deployed),
      ),
    );
    const { deltas } = collectFlows(arrived(flows), scoped, noBounds, limits).aggregate({ pairs: 0, groups: 0 });
    const pairs = deltas.filter(({ totals }) => totals).map(({ key, totals }) => [key.pk, totals!.rejects]);
    expect(pairs).toEqual([
      ['pair#*:443#10.0.0.5#123456789012/vpc-0a', 60],
      ['pair#*:443#10.0.0.5#123456789012/vpc-0b', 60],
    ]);
  });
});
