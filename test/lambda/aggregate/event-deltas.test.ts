import { describe, expect, it } from 'vitest';
import { eventBatch } from '../../../lambda/aggregate/event-batch.ts';
import { eventDeltas, type ObservedEvent } from '../../../lambda/aggregate/event-deltas.ts';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import type { Scope } from '../../../lambda/flow-log/scope.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf, formatOf } from '../../support/flows.ts';
import { call, eventRule, finding, host } from '../../support/observed-events.ts';
import { rulesOf } from '../../support/rules.ts';

const address = 'resource.instanceDetails.networkInterfaces.privateIpAddresses.privateIpAddress';
const correlation = (text: string) =>
  `---\ntitle: Some rule\ncorrelation: {rules: [some_event], timespan: 1h, ${text}}\n`;
const joined = (path: string, service: 'cloudtrail' | 'guardduty' = 'guardduty') =>
  rulesOf(`${eventRule(service, '{flowSentinel|exists: true}')}---
title: Flow
name: flow
logsource: {product: aws, service: vpcflow}
detection: {s: {action: ACCEPT}, condition: s}
---
title: Both
correlation: {type: temporal, rules: [some_event, flow], group-by: [host], timespan: 1h, aliases: {host: {some_event: ${path}, flow: srcaddr}}}
`);

/** Returns the keys, with the additions, that an event makes. */
function keysOf(observed: ObservedEvent, rules = joined(address), scope?: Scope) {
  return eventDeltas(observed, { ...rules, scope }, epoch + 60).map(({ key }) => key.pk);
}

describe('eventDeltas', () => {
  it('counts an event in the slot of its own time', () => {
    const rules = rulesOf(eventRule('cloudtrail', '{eventName: DeleteFlowLogs}'));
    const [id] = rules.series.keys();
    const deleted = call({ time: epoch - 3600 });
    expect(eventDeltas(deleted, rules, epoch)).toEqual([
      {
        key: {
          pk: 'group#awsRegion,flowSentinel.who,recipientAccountId#eu-west-1#admin/alice-role#111122223333',
          fields: new Map([
            ['awsRegion', 'eu-west-1'],
            ['flowSentinel.who', 'admin/alice-role'],
            ['recipientAccountId', '111122223333'],
          ]),
        },
        part: 0,
        totals: undefined,
        firstSeen: epoch - 3600,
        lastSeen: epoch - 3600,
        additions: [{ series: id, slot: Math.floor((epoch - 3600) / 180), amount: 1 }],
        evidence: new Map(),
        events: new Map([[id, [deleted.event]]]),
        overflowPairs: 0,
      },
    ]);
  });

  it('counts nothing of an event that no rule matches, of another source, without a key, or of another day', () => {
    const rules = rulesOf(eventRule('cloudtrail', '{eventName: DeleteFlowLogs}'));
    expect(eventDeltas(call({ event: 'CreateFlowLogs' }), rules, epoch)).toEqual([]);
    expect(eventDeltas(finding({}, { eventName: 'DeleteFlowLogs' }), rules, epoch)).toEqual([]);
    expect(eventDeltas(call({}, { awsRegion: null }), rules, epoch)).toEqual([]);
    expect(eventDeltas(call(), rules, epoch + 3 * 86_400)).toEqual([]);
    expect(eventDeltas(call({ time: Number.NaN }), rules, epoch)).toEqual([]);
  });

  it('counts for each address of a host, in the spelling of flows', () => {
    const hosts = [{ ...host, addresses: ['10.0.1.5', '2001:DB8:0::5', '10.0.1.5'] }];
    expect(keysOf(finding({ hosts }))).toEqual(['group#host#10.0.1.5', 'group#host#2001:db8::5']);
  });

  it('counts for at most 16 values, each of at most 256 characters', () => {
    const many = Array.from({ length: 40 }, (_, index) => `i-${index}${'x'.repeat(300)}`);
    const rules = rulesOf(
      eventRule('cloudtrail', '{eventName: a}') +
        correlation('type: event_count, group-by: [ids], condition: {gte: 1}'),
    );
    const deltas = eventDeltas(call({ event: 'a' }, { ids: many }), rules, epoch);
    expect(deltas).toHaveLength(16);
    expect(deltas[0]!.key.fields.get('ids')).toHaveLength(256);
  });

  it('adds the distinct values of a path', () => {
    const rules = rulesOf(
      eventRule('cloudtrail', '{eventName: a}') +
        correlation('type: value_count, group-by: [awsRegion], condition: {field: ids, gte: 2}'),
    );
    const [delta] = eventDeltas(call({ event: 'a' }, { ids: ['x', 'y', 'x', ''] }), rules, epoch);
    expect(delta!.additions).toMatchObject([{ values: ['x', 'y'] }]);
    expect(eventDeltas(call({ event: 'a' }, { ids: [] }), rules, epoch)).toEqual([]);
  });

  it('counts for the hosts of a change', () => {
    const opened = call({ hosts: [{ ...host, addresses: ['10.0.1.7'] }] });
    expect(keysOf(opened, joined('flowSentinel.addresses', 'cloudtrail'))).toEqual(['group#host#10.0.1.7']);
  });

  it('replaces a field of the event that has the name of ours', () => {
    const forged = call({}, { flowSentinel: { addresses: ['10.0.1.9'] } });
    expect(keysOf(forged, joined('flowSentinel.addresses', 'cloudtrail'))).toEqual([]);
  });

  it.each([
    ['account', ['group#host#10.0.1.5#111122223333']],
    ['vpc', ['group#host#10.0.1.5#111122223333/vpc-0a1b2c3d4e5f60718']],
  ] as const)('has the key of the flows of its host in the scope %s', (scope, keys) => {
    const rules = { ...joined(address), scope };
    expect(keysOf(finding(), rules, scope)).toEqual(keys);
    const values = { srcaddr: '10.0.1.5', 'account-id': '111122223333', 'vpc-id': host.vpc! };
    const flow = flowOf(values, formatOf(logFormat));
    expect(deltasOf([{ flow, arrival: epoch }], rules).map(({ key }) => key.pk)).toContain(keys[0]);
  });

  it('has no VPC in the key of a rule on events alone', () => {
    const rules = rulesOf(eventRule('guardduty', '{severity|gte: 4}'));
    expect(keysOf(finding(), rules, 'vpc')).toEqual([
      'group#accountId,region,type#111122223333#eu-west-1#Backdoor:EC2/C&CActivity.B!DNS#111122223333',
    ]);
  });

  it('never matches the flow of a rule, and no flow matches a rule on events', () => {
    const flow = { flow: flowOf({ action: 'ACCEPT', srcaddr: '10.0.1.5' }), arrival: epoch };
    const rules = joined(address);
    const byFlow = deltasOf([flow], rules).flatMap(({ additions }) => additions.map(({ series }) => series));
    const byEvent = eventDeltas(finding(), rules, epoch).flatMap(({ additions }) =>
      additions.map(({ series }) => series),
    );
    expect([byFlow.length, byEvent.length, new Set([...byFlow, ...byEvent]).size]).toEqual([1, 1, 2]);
  });
});

describe('eventBatch', () => {
  const tokenOf = (values: Partial<GuardDutyFinding>, arrival = epoch) =>
    eventBatch(finding(values).event, arrival, undefined).dedupToken;

  it('is the same for an update of a finding, and another one when its level changes', () => {
    expect(tokenOf({ updated: epoch + 60, last: epoch + 60, count: 9, remotes: ['203.0.113.9'] }, epoch + 99)).toBe(
      tokenOf({}),
    );
    expect(tokenOf({ level: 'critical' })).not.toBe(tokenOf({}));
    expect(tokenOf({ id: 'other' })).not.toBe(tokenOf({}));
  });

  it('has the form of the tokens of batches of flows', () => {
    const batch = eventBatch(call().event, epoch, 'vpc');
    expect(batch).toMatchObject({ arrival: epoch, scope: 'vpc' });
    expect(batch.dedupToken).toMatch(/^[I-P][\w-]{7}$/);
    expect(batch.check).toMatch(/^[\w-]{8}$/);
  });
});
