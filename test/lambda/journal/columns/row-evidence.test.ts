import { describe, expect, it } from 'vitest';
import { alertBody } from '../../../../lambda/alert/alert-body.ts';
import { alertText } from '../../../../lambda/alert/mail.ts';
import { findingEvidences } from '../../../../lambda/alert/ocsf/evidences.ts';
import type { KeyDelta } from '../../../../lambda/counters/delta.ts';
import type { Evidence } from '../../../../lambda/flow-log/evidence.ts';
import { columnsOf, deltasOf } from '../../../../lambda/journal/columns/delta-columns.ts';
import { mergeDeltas } from '../../../../lambda/journal/columns/merge-deltas.ts';
import { packPage, unpackPage } from '../../../../lambda/journal/page/page.ts';
import type { LoadedRules } from '../../../../lambda/rules/loaded.ts';
import { deltasOf as deltasOfFlows } from '../../../support/deltas.ts';
import { findingsOf } from '../../../support/findings.ts';
import { epoch, flowOf, formatOf } from '../../../support/flows.ts';
import { rulesOf, ruleText } from '../../../support/rules.ts';

const pairRules = rulesOf(
  ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 10m, condition: {gt: 5}'),
);
const sourceRules = rulesOf(
  ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr], timespan: 10m, condition: {gt: 5}'),
);
const interfaceRules = rulesOf(
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [interface-id], timespan: 10m, condition: {gt: 5}'),
);

/** The format of the deployed flow logs, as far as evidence reads it. */
const full = formatOf(
  'account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action flow-direction ' +
    'tcp-flags pkt-srcaddr pkt-dstaddr instance-id subnet-id vpc-id region log-status',
);
const place = { 'instance-id': 'i-0a1b', 'subnet-id': 'subnet-0c2d', 'vpc-id': 'vpc-0e3f', region: 'eu-west-1' };
const reject = (values: Record<string, string | number> = {}) =>
  flowOf({ action: 'REJECT', 'flow-direction': 'ingress', 'tcp-flags': 2, ...place, ...values }, full);

type Flows = ReturnType<typeof flowOf>[];

/** Returns the deltas of flows, and the same after a page has stored them. */
function stored(flows: Flows, rules: LoadedRules, isNotable?: (delta: KeyDelta) => boolean) {
  const before = deltasOfFlows(
    flows.map((flow) => ({ flow, arrival: epoch + 60 })),
    rules,
  );
  return { before, after: deltasOf(unpackPage(packPage(columnsOf(before, rules.series, isNotable)))) };
}

/** Returns the only evidence of the first delta that has any. */
function evidenceIn(deltas: readonly KeyDelta[]): Evidence {
  const [evidence] = deltas.flatMap((delta) => [...delta.evidence.values()]);
  return evidence!;
}

const sampleValues = ({ samples }: Evidence) =>
  samples.map((flow) => Object.fromEntries(flow.format.names.map((name, index) => [name, flow.value(index)])));

describe('evidence of a page', () => {
  it('has the connection of each flow, and not its place, when the delta is not notable', () => {
    const { after } = stored([reject({ dstport: 22 }), reject({ dstport: 23 })], pairRules);
    const evidence = evidenceIn(after);
    expect(evidence.flows).toBe(2);
    expect(evidence.hasPacketAddresses).toBe(true);
    expect(Object.fromEntries(evidence.values)).toEqual({
      srcaddr: ['10.0.1.5'],
      dstaddr: ['10.0.2.7'],
      dstport: ['22', '23'],
      protocol: ['6'],
      'tcp-flags': ['2'],
      'flow-direction': ['ingress'],
      action: ['REJECT'],
    });
    expect(evidence.truncatedFields).toEqual(new Set());
    expect(sampleValues(evidence)).toMatchObject([
      { srcaddr: '10.0.1.5', dstport: '22', 'interface-id': '-' },
      { srcaddr: '10.0.1.5', dstport: '23', 'vpc-id': '-' },
    ]);
  });

  it('has all that the evidence of the batch has when the delta is notable', () => {
    const flows = [reject({ dstport: 22 }), reject({ dstport: 443, srcport: 53, protocol: 17 })];
    const { before, after } = stored(flows, pairRules, () => true);
    const [full, reduced] = [evidenceIn(before), evidenceIn(after)];
    expect(reduced.flows).toBe(full.flows);
    expect(new Map([...reduced.values].sort())).toEqual(new Map([...full.values].sort()));
    expect(reduced.truncatedFields).toEqual(full.truncatedFields);
    expect(reduced.hasPacketAddresses).toBe(full.hasPacketAddresses);
  });

  it.each<[string, LoadedRules, Flows]>([
    ['a pair', pairRules, [reject({ dstport: 22 }), reject({ dstport: 23 })]],
    ['a source', sourceRules, [reject(), reject({ dstaddr: 'fc00::7', 'flow-direction': 'egress' })]],
    [
      'an interface',
      interfaceRules,
      [reject({ action: 'ACCEPT', 'flow-direction': '-' }), reject({ action: 'ACCEPT', dstaddr: '198.51.100.3' })],
    ],
    // Behind a NAT gateway the interface belongs to neither endpoint.
    ['a NAT gateway', pairRules, [reject({ 'pkt-dstaddr': '10.0.9.9' })]],
  ])('gives the endpoints and connections of an OCSF finding when the key is %s', (_, rules, flows) => {
    const { before, after } = stored(flows, rules, () => true);
    const evidences = (deltas: readonly KeyDelta[]) => {
      const delta = deltas.find((one) => one.evidence.size > 0)!;
      return findingEvidences([...delta.evidence.values()][0], Object.fromEntries(delta.key.fields));
    };
    const expected = evidences(before).map(({ src_endpoint, dst_endpoint, connection_info, data }) => {
      // An ephemeral port is not stored; amounts and times of single flows are not either.
      const { port: _port, ...src } = src_endpoint!;
      return { src_endpoint: src, dst_endpoint, connection_info, data: { action: data!.action } };
    });
    expect(evidences(after)).toEqual(expected);
  });

  it('gives the same body and mail of an alert when the delta is notable', async () => {
    const flows = Array.from({ length: 6 }, (_, n) => reject({ dstport: 8000 + n }));
    const [finding] = await findingsOf(flows, pairRules);
    const { after } = stored(flows, pairRules, () => true);
    const delta = after.find(({ key }) => key.pk === finding!.delta.key.pk)!;
    const texts = [finding!, { ...finding!, delta }].map((one) => {
      const body = alertBody(one, { account: '123456789012', region: 'eu-west-1' });
      // The flows of a finding have fewer fields: see the test of OCSF findings.
      return { body: { ...body, evidences: [] }, mail: alertText(one, body) };
    });
    expect(texts[1]).toEqual(texts[0]);
  });

  it('names the fields with further values when eight samples do not have all', () => {
    const ports = stored(
      Array.from({ length: 12 }, (_, n) => reject({ dstport: n + 1 })),
      pairRules,
    );
    expect(evidenceIn(ports.after).samples).toHaveLength(8);
    expect(evidenceIn(ports.after).truncatedFields).toEqual(new Set(['dstport']));
    const flags = stored([reject(), reject({ 'tcp-flags': 6 })], pairRules);
    expect(evidenceIn(flags.after).values.get('tcp-flags')).toEqual(['2']);
    expect(evidenceIn(flags.after).truncatedFields).toEqual(new Set(['tcp-flags']));
  });

  it('is the same for each part of an update', () => {
    const flows = Array.from({ length: 60 }, (_, n) => reject({ start: epoch - 60 * n, end: epoch - 60 * n }));
    const { before, after } = stored(flows, pairRules);
    expect(before.length).toBeGreaterThan(1);
    expect(after.map((delta) => [...delta.evidence.values()].map((one) => one.flows))).toEqual(before.map(() => [60]));
    expect([...deltasOf(mergeDeltas([columnsOf(before, pairRules.series)]))[1]!.evidence.values()][0]!.flows).toBe(60);
  });

  it('has the flows of all pages, and the first eight samples, when pages are merged', () => {
    const page = (from: number, count: number) => {
      const flows = Array.from({ length: count }, (_, n) => reject({ dstport: from + n }));
      return columnsOf(stored(flows, pairRules).before, pairRules.series);
    };
    const merged = evidenceIn(deltasOf(mergeDeltas([page(1, 3), page(2, 4), page(20, 1)])));
    expect(merged.flows).toBe(8);
    expect(merged.values.get('dstport')).toEqual(['1', '2', '3', '4', '5', '20']);
    expect(merged.truncatedFields).toEqual(new Set());
    const more = evidenceIn(deltasOf(mergeDeltas([page(1, 7), page(7, 3)])));
    expect(more.values.get('dstport')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(more.truncatedFields).toEqual(new Set(['dstport']));
  });
});
