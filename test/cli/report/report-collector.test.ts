import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReportCollector } from '../../../cli/report/report-collector.ts';
import type { PairCounter } from '../../../cli/statistics/pair-counter.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { addQuantity, type Quantity, writeQuantities } from '../../../lambda/common/quantity.ts';
import { isDuplicateObservation, pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import { endpointReader } from '../../../lambda/flow-log/endpoints.ts';
import { fieldOf } from '../../../lambda/flow-log/flow.ts';
import { anyFlowValues, directed, epoch, flowOf, lakeRowOf, lineOf } from '../../support/flows.ts';
import { defaultRules, fewRules, monitored } from '../../support/rules.ts';

const nothing = { command: 'flow-sentinel invoke', hunt: { words: ['event.json'] }, sources: [], pairs: [] };

function decoded(values: Parameters<typeof flowOf>[0]): string {
  return lakeRowOf({ kind: 'flow', flow: flowOf(values) }, fewRules.monitoredNetworks);
}

function collected(lines: readonly string[]) {
  const collector = new ReportCollector(fewRules);
  for (const line of lines) collector.delivered(Buffer.from(line), epoch);
  return collector;
}

function pair(src: string, dst: string, bytes: Quantity, rejects = 0): PairCounter {
  return { src, dst, bytes, rejects, firstSeen: epoch, lastSeen: epoch };
}

function alertOn(key: Record<string, string>, more: Partial<AlertBody> = {}) {
  const body = { rule: 'data_exfiltration', key, ended: false, evidence: { flows: 1, more: [] }, ...more };
  return { subject: 'HIGH', text: 'HIGH', body: JSON.stringify(body, writeQuantities) };
}

describe('the rules of a report', () => {
  it('say why a rule could not alert when the flows lack a field', () => {
    const collector = new ReportCollector(defaultRules);
    collector.delivered(Buffer.from(decoded({})), epoch);
    const { rules } = collector.finish(nothing);
    expect(rules.find(({ name }) => name === 'admin_brute_force')).toMatchObject({ unseen: 'blind: needs tcp-flags' });
    expect(rules.find(({ name }) => name === 'data_exfiltration')).not.toHaveProperty('unseen');
  });
});

describe('ReportCollector', () => {
  it('counts the flows left out, and finds their sources without egress records, for any flows', () => {
    const rules = monitored(fewRules);
    const address = fc.constantFrom('10.0.1.5', '10.0.1.6', '10.9.0.1', '198.18.0.1', '-');
    const values = fc.record({
      srcaddr: address,
      dstaddr: address,
      'pkt-srcaddr': address,
      action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
      bytes: fc.constantFrom('40', '-', '9223372036854775807'),
      'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
    });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), (all) => {
        const flows = all.map((one) => flowOf(one, directed));
        const collector = new ReportCollector(rules, [directed]);
        for (const flow of flows) {
          collector.delivered(lakeRowOf({ kind: 'flow', flow }, rules.monitoredNetworks), epoch);
        }
        const leftOut = flows.filter((flow) => isDuplicateObservation(flow, rules.monitoredNetworks));
        const sourceOf = endpointReader('srcaddr');
        const egress = flows.filter((flow) => fieldOf(flow, 'flow-direction') === 'egress').map(sourceOf);
        const arrived = leftOut.filter((flow) => fieldOf(flow, 'flow-direction') === 'ingress');
        const unlogged = arrived.map(sourceOf).filter((source) => !egress.includes(source));
        expect(collector.records.leftOut).toBe(leftOut.length);
        expect(collector.unlogged?.flows ?? 0).toBe(unlogged.length);
        expect(collector.unlogged?.sources ?? 0).toBe(new Set(unlogged).size);
      }),
    );
  });

  it('has the lines about flows left out when there are any', () => {
    expect(collected([]).finish(nothing).leftOut).toEqual([]);
    expect(collected([]).finish({ ...nothing, leftOut: ['1 flow left out'] }).leftOut).toEqual(['1 flow left out']);
  });
});

describe('FlowTimeline', () => {
  it('has the sums of the counted flows for any flows and times', () => {
    const anyTime = fc.oneof(
      fc.integer({ min: epoch, max: epoch + 90 * 86_400 }),
      fc.constantFrom(0, 4_000_000_000, 1_795_510_800_123, '-'),
    );
    const anyValues = fc.tuple(anyFlowValues, anyTime).map(([values, end]) => ({ ...values, start: end, end }));
    fc.assert(
      fc.property(fc.array(anyValues, { maxLength: 400 }), (all) => {
        const { timeline, records } = collected(all.map(decoded)).finish(nothing);
        const tallies = all.flatMap((values) => pairContributionOf(flowOf(values), fewRules.monitoredNetworks) ?? []);
        const total = (quantities: readonly Quantity[]) => quantities.reduce(addQuantity, 0);
        const { intervals, seconds } = timeline;
        expect(total(intervals.map(({ bytes }) => bytes))).toBe(total(tallies.map(({ bytes }) => bytes)));
        expect(total(intervals.map(({ rejects }) => rejects))).toBe(total(tallies.map(({ rejects }) => rejects)));
        expect(total(intervals.map(({ flows }) => flows))).toBe(tallies.length);
        expect(records).toMatchObject({ flows: all.length, counted: tallies.length });
        expect(records.bytes).toBe(total(tallies.map(({ bytes }) => bytes)));
        expect(intervals.length).toBeLessThanOrEqual(240);
        expect(intervals.filter(({ at }) => at % seconds !== 0)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for any order of the flows', () => {
    const anyEnds = fc.array(fc.integer({ min: epoch, max: epoch + 30 * 86_400 }), { maxLength: 600 });
    fc.assert(
      fc.property(anyEnds, (ends) => {
        const lines = ends.map((end) => decoded({ end }));
        const { timeline } = collected(lines).finish(nothing);
        expect(collected(lines.toReversed()).finish(nothing).timeline).toEqual(timeline);
      }),
      { numRuns: 20 },
    );
  });

  it('retains short intervals when one flow has a wrong time', () => {
    const lines = [0, epoch, epoch + 60, epoch + 120].map((end) => decoded({ end, start: end }));
    expect(collected(lines).finish(nothing).timeline).toMatchObject({ seconds: 60, intervals: { length: 4 } });
  });
});

describe('ReportCollector', () => {
  it('gives the same report for the same responses', () => {
    const once = () => {
      const collector = collected([decoded({ bytes: '9223372036854775807' }), decoded({ action: 'REJECT' })]);
      collector.failed(Buffer.from('no flow'));
      collector.alert(alertOn({ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' }));
      return JSON.stringify(
        collector.finish({ ...nothing, pairs: [pair('10.0.1.5', '10.0.2.7', 5)] }),
        writeQuantities,
      );
    };
    expect(once()).toBe(once());
    expect(once()).toContain('9223372036854775807');
  });

  it('counts the lines by kind and finds their period', () => {
    const noData = { srcaddr: '-', dstaddr: '-', bytes: '-', action: '-', 'log-status': 'NODATA' };
    const lines = [{}, { action: '-' }, noData, { ...noData, 'log-status': 'SKIPDATA', end: epoch + 500 }];
    const { records, period } = collected(lines.map(decoded)).finish(nothing);
    expect(records).toMatchObject({ flows: 2, counted: 1, noData: 1, skipData: 1, unreadable: 0, bytes: 1000 });
    expect(period).toEqual({ from: epoch, to: epoch + 500 });
    expect(collected([]).finish(nothing)).toMatchObject({ period: undefined, timeline: { intervals: [] } });
  });

  it('groups the reasons of unreadable lines, with an example', () => {
    const unreadable = (srcaddr: string) =>
      lakeRowOf(
        {
          kind: 'unreadable',
          text: `2 ${srcaddr}`,
          reason: `srcaddr is ${JSON.stringify(srcaddr)}, expected an address`,
        },
        [],
      );
    const collector = collected(['x', 'y"', 'z'].map(unreadable));
    collector.failed(Buffer.from('{"message":42}'));
    collector.failed(Buffer.from('x'), epoch, 'the function failed');
    const { records } = collector.finish(nothing);
    expect(records.unreadable).toBe(5);
    expect(records.reasons[0]).toEqual({ reason: 'srcaddr is …, expected an address', lines: 3, example: '2 x' });
    expect(records.reasons.map(({ lines }) => lines)).toEqual([3, 1, 1]);
  });

  it('limits the number of reasons', () => {
    const lines = Array.from({ length: 2000 }, (_, n) =>
      lakeRowOf({ kind: 'unreadable', text: '', reason: `${n}` }, []),
    );
    const { records } = collected(lines).finish(nothing);
    expect(records).toMatchObject({ unreadable: 2000, reasons: { length: 20 } });
  });

  it('counts a record that did not fit into the response', () => {
    const collector = collected([]);
    collector.failed(Buffer.from(JSON.stringify({ message: `${lineOf({ bytes: 7 })}\n${lineOf({ bytes: 8 })}` })));
    expect(collector.finish(nothing).records).toMatchObject({ counted: 2, bytes: 15, unreadable: 0 });
  });

  it('lists all sources with a problem, and a limited number of others', () => {
    const sources = Array.from({ length: 300 }, (_, n) => ({
      name: `${n}.log`,
      kind: 'text',
      records: n,
      ...(n === 299 && { problem: 'it ends in the middle' }),
    }));
    const data = collected([]).finish({ ...nothing, sources });
    expect(data.sources.length + data.moreSources).toBe(300);
    expect(data.sources.at(-1)).toMatchObject({ name: '299.log', problem: 'it ends in the middle' });
  });

  it('has all pairs when these fit', () => {
    const all = Array.from({ length: 3000 }, (_, n) => pair(`10.0.${n >> 8}.${n & 255}`, '192.0.2.1', n, 3000 - n));
    const { pairs, pairCount } = collected([]).finish({ ...nothing, pairs: all });
    expect(pairCount).toBe(3000);
    expect(pairs).toEqual(all.toReversed());
  });

  it('counts the alerts of every rule, with each key of a digest and without resolution notices', () => {
    const collector = collected([]);
    const [a, b] = [{ srcaddr: '10.0.0.1' }, { srcaddr: '10.0.0.2' }];
    const digest = { alerts: 30, keys: [a, b].map((key) => ({ id: '', key, value: 1 })), unlisted: 28 };
    collector.alert(alertOn(a));
    collector.alert(alertOn(a, { digest }));
    collector.alert(alertOn(b, { ended: true }));
    const { rules } = collector.finish(nothing);
    expect(rules.map(({ name, alerts, keys, hasMoreKeys }) => [name, alerts, keys, hasMoreKeys])).toEqual([
      ['data_exfiltration', 31, 2, true],
      ['lateral_movement', 0, 0, false],
      ['rejects_from_suspicious_ranges', 0, 0, false],
      ['repeated_rejects', 0, 0, false],
    ]);
  });

  it('counts the ports and hours of hosts only when a report is written', () => {
    const flow = decoded({ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', srcport: 40_000, dstport: 443, bytes: 70 });
    const collector = new ReportCollector(fewRules, undefined, { withHosts: true });
    collector.delivered(flow);
    const { hosts } = collector.finish(nothing);
    expect(hosts.hosts).toEqual([
      { address: '10.0.1.5', ports: [[6, 443, 70, 0, 1]], intervals: [[epoch, 70, 0, 1]] },
      { address: '10.0.2.7', ports: [[6, 443, 70, 0, 1]], intervals: [[epoch, 70, 0, 1]] },
    ]);
    expect(collected([flow]).finish(nothing).hosts.hosts).toEqual([]);
  });

  it('counts a flow for the endpoints of its pair when the packet has other addresses', () => {
    const collector = new ReportCollector(fewRules, undefined, { withHosts: true });
    const row = { srcaddr: '10.0.1.1', dstaddr: '10.0.2.2', pkt_srcaddr: '10.0.1.9', pkt_dstaddr: '198.51.100.9' };
    collector.delivered(JSON.stringify({ ...row, action: 'ACCEPT', bytes: 5, end: epoch, counted: true }));
    const { hosts } = collector.finish(nothing);
    expect(hosts.hosts.map(({ address }) => address)).toEqual(['10.0.1.9', '198.51.100.9']);
    expect(hosts.hosts[0]!.ports).toEqual([[-1, -1, 5, 0, 1]]);
  });
});
