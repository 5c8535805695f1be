import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aggregate, aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { counterLimits } from '../../../lambda/aggregate/overflow.ts';
import { noBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import type { Flow } from '../../../lambda/flow-log/flow.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { epoch, flowOf, lineOf, v2 } from '../../support/flows.ts';
import { noRules, rulesOf, ruleText } from '../../support/rules.ts';

const limits = { pairs: 10, overflowPairs: 4, refusedOverflowPairs: 4, groups: 5 };

function aggregated(flows: readonly Flow[], rules: LoadedRules = noRules, bounds = limits): Aggregate {
  return aggregate(
    flows.map((flow) => ({ flow, arrival: epoch })),
    rules,
    noBounds,
    bounds,
  );
}

const sums = (deltas: readonly KeyDelta[]) =>
  deltas.reduce<{ bytes: Quantity; rejects: number }>(
    (sum, { totals }) => ({
      bytes: addQuantity(sum.bytes, totals?.bytes ?? 0),
      rejects: sum.rejects + (totals?.rejects ?? 0),
    }),
    { bytes: 0, rejects: 0 },
  );
const keys = (deltas: readonly KeyDelta[]) => deltas.map(({ key }) => key.pk);
const scan = (count: number, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) =>
    flowOf({ dstaddr: `10.0.${n >> 8}.${n & 255}`, action: 'REJECT', ...values }),
  );

describe('boundCounters', () => {
  it('changes nothing when a batch is within the limits', () => {
    const { deltas, droppedGroups } = aggregated(scan(10));
    expect(deltas).toHaveLength(10);
    expect(deltas.every(({ overflowPairs }) => overflowPairs === 0)).toBe(true);
    expect(droppedGroups).toBe(0);
  });

  it('counts the light pairs of one source as that source with any target', () => {
    const { deltas } = aggregated(scan(200));
    const overflow = deltas.find(({ key }) => key.pk === 'pair#10.0.1.5#*');
    expect(overflow).toMatchObject({ totals: { rejects: 194 }, overflowPairs: 194 });
    expect(deltas).toHaveLength(7);
    expect(sums(deltas).rejects).toBe(200);
  });

  it('counts the light pairs of one target as any source with that target', () => {
    const flows = Array.from({ length: 200 }, (_, n) => flowOf({ srcaddr: `198.18.0.${n}`, action: 'REJECT' }));
    expect(aggregated(flows).deltas.find(({ key }) => key.pk === 'pair#*#10.0.2.7')).toMatchObject({
      totals: { rejects: 194 },
    });
  });

  it('counts the pairs with the most bytes or the most flows exactly', () => {
    const large = flowOf({ srcaddr: '10.9.9.9', bytes: 5_000_000 });
    const often = Array.from({ length: 20 }, () => flowOf({ srcaddr: '10.8.8.8', bytes: 1 }));
    const { deltas } = aggregated([...scan(100), large, ...scan(100), ...often]);
    expect(deltas.find(({ key }) => key.pk === 'pair#10.9.9.9#10.0.2.7')).toMatchObject({
      totals: { bytes: 5_000_000 },
    });
    expect(deltas.find(({ key }) => key.pk === 'pair#10.8.8.8#10.0.2.7')).toMatchObject({ totals: { bytes: 20 } });
  });

  it('stays within the limits and counts every byte and reject once', () => {
    const host = fc.nat(60);
    const flow = fc.record({ src: host, dst: host, bytes: fc.nat(1000), action: fc.constantFrom('ACCEPT', 'REJECT') });
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 150, size: 'max' }), (specs) => {
        const flows = specs.map(({ src, dst, bytes, action }) =>
          flowOf({ srcaddr: `10.1.0.${src}`, dstaddr: `10.2.0.${dst}`, bytes, action }),
        );
        const { deltas } = aggregated(flows);
        expect(deltas.length).toBeLessThanOrEqual(limits.pairs);
        expect(new Set(keys(deltas)).size).toBe(deltas.length);
        expect(sums(deltas)).toEqual(sums(aggregated(flows, noRules, counterLimits).deltas));
        expect(keys(aggregated(flows).deltas)).toEqual(keys(deltas));
      }),
    );
  });

  it('gives the series and evidence of light pairs to the overflow counter', () => {
    const rules = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}',
      ),
    );
    const overflow = aggregated(scan(200), rules).deltas.find(({ overflowPairs }) => overflowPairs > 0)!;
    expect(overflow.additions).toMatchObject([{ amount: 194 }]);
    expect([...overflow.evidence.values()]).toMatchObject([{ flows: 194 }]);
  });

  it('counts the groups with the most flows and reports how many it drops', () => {
    const rules = rulesOf(
      ruleText(
        '{dstport: 22}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
      ),
    );
    const spoofed = Array.from({ length: 50 }, (_, n) => flowOf({ srcaddr: `10.7.0.${n}`, dstport: 22 }));
    const scanner = scan(30, { dstport: 22 });
    const { deltas, droppedGroups } = aggregated([...spoofed, ...scanner], rules);
    expect(keys(deltas).filter((pk) => pk.startsWith('src#'))).toHaveLength(5);
    expect(keys(deltas)).toContain('src#10.0.1.5');
    expect(droppedGroups).toBe(46);
  });

  it('stays within the default limits when a batch has 50,000 pairs and a heavy one', () => {
    const flows = Array.from({ length: 50_000 }, (_, n) => {
      const line = lineOf({ dstaddr: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, srcport: n, action: 'REJECT' });
      return parseLine(line, [v2]);
    }).flatMap((line) => (line.kind === 'flow' ? line.flow : []));
    const heavy = flowOf({ srcaddr: '10.3.3.3', dstaddr: '198.18.0.1', bytes: 150_000_000 });
    const { deltas } = aggregated([...flows, heavy], noRules, counterLimits);
    expect(deltas.length).toBeLessThanOrEqual(counterLimits.pairs);
    expect(sums(deltas)).toEqual({ bytes: 150_000_000, rejects: 50_000 });
    expect(deltas.find(({ key }) => key.pk === 'pair#10.3.3.3#198.18.0.1')).toMatchObject({
      totals: { bytes: 150_000_000 },
    });
    expect(deltas.find(({ key }) => key.pk === 'pair#10.0.1.5#*')!.totals!.rejects).toBeGreaterThan(20_000);
  });
});
