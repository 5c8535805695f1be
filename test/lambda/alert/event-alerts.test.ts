import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { eventBatch } from '../../../lambda/aggregate/event-batch.ts';
import { eventDeltas, type ObservedEvent } from '../../../lambda/aggregate/event-deltas.ts';
import { writeAlert, writeDigest } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { evaluate } from '../../../lambda/evaluate/evaluate.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { findingsOf } from '../../support/findings.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { call, eventRule, finding, host } from '../../support/observed-events.ts';
import { rulesOf } from '../../support/rules.ts';

const origin = { account: '111122223333', region: 'eu-west-1' };

/** Returns the findings of the rules on an event. */
async function findingsOfEvent(
  observed: ObservedEvent,
  rules: LoadedRules,
  store = new MemoryCounterStore(rules.series),
): Promise<Finding[]> {
  const batch = eventBatch(observed.event, epoch + 120, undefined);
  const found: Finding[] = [];
  for (const delta of eventDeltas(observed, rules, batch.arrival)) {
    found.push(...evaluate([{ delta, counter: await store.add(delta, batch) }], batch, rules).findings);
  }
  return found;
}

async function alertOf(observed: ObservedEvent, rules: LoadedRules, store?: MemoryCounterStore) {
  const [first] = await findingsOfEvent(observed, rules, store);
  const { text, subject, body } = writeAlert(first!, origin);
  const json = JSON.parse(body) as AlertBody;
  expectAlertBody(json);
  expect(text.trimEnd().split('\n').length).toBeLessThan(40);
  return { text, subject, body: json };
}

const deleted = rulesOf(eventRule('cloudtrail', '{eventName: DeleteFlowLogs}'));
const severe = rulesOf(eventRule('guardduty', '{severity|gte: 4}'));
const both = rulesOf(`${eventRule('guardduty', '{severity|gte: 4}', 'finding')}---
title: Flow
name: flow
logsource: {product: aws, service: vpcflow}
detection: {s: {action: ACCEPT}, condition: s}
---
title: Both
correlation: {type: temporal, rules: [finding, flow], group-by: [host], timespan: 1h, aliases: {host: {finding: flowSentinel.addresses, flow: srcaddr}}}
`);

describe('the alert of a rule on events', () => {
  it('says who called what, and has no queries for flows', async () => {
    const { text, subject, body } = await alertOf(call(), deleted);
    expect(subject).toMatch(/^MEDIUM: recipientAccountId 111122223333, awsRegion eu-west-1, flowSentinel.who admin/);
    expect(text.split('\n').slice(2, 8)).toEqual([
      'Why: at least 1 API call in 1 h for one recipientAccountId, awsRegion and flowSentinel.who. It was 1 API call.',
      'Window: 2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC',
      'Seen: first 2026-11-24 09:00:00, last 2026-11-24 09:00:00 UTC',
      'Event: 2026-11-24 09:00:00 UTC: DeleteFlowLogs by admin/alice-role from 203.0.113.9: flow log fl-0aa deleted',
      'Account: 111122223333 eu-west-1',
      '',
    ]);
    expect(text).not.toMatch(/Athena|Insights|rules silence|flow record/);
    expect(text).toContain('npx flow-sentinel alerts silence rule_0');
    expect(body.events).toEqual([
      {
        source: 'cloudtrail',
        id: '6e1c3a50-0000-4000-8000-000000000001',
        time: epoch,
        text: 'DeleteFlowLogs by admin/alice-role from 203.0.113.9: flow log fl-0aa deleted',
      },
    ]);
  });

  it('has the call and its actor as OCSF evidence', async () => {
    const { body } = await alertOf(call(), deleted);
    expect(body.metadata.log_name).toBe('CloudTrail');
    expect(body.finding_info.data_sources).toEqual(['AWS CloudTrail']);
    expect(body.evidences).toEqual([
      {
        api: { operation: 'DeleteFlowLogs', service: { name: 'ec2.amazonaws.com' } },
        actor: { user: { name: 'admin/alice-role' } },
        src_endpoint: { ip: '203.0.113.9' },
        data: { eventID: '6e1c3a50-0000-4000-8000-000000000001' },
      },
    ]);
    const byService = await alertOf(call({ from: 'cloudformation.amazonaws.com' }), deleted);
    expect(byService.body.evidences).toMatchObject([{ src_endpoint: { svc_name: 'cloudformation.amazonaws.com' } }]);
  });

  it('names the host of a finding', async () => {
    const { text, body } = await alertOf(finding({ count: 3 }), severe);
    expect(text).toContain(
      'Event: 2026-11-24 09:00:00 UTC: GuardDuty HIGH Backdoor:EC2/C&CActivity.B!DNS on i-0a1b2c3d4e5f60718, 10.0.1.5, 3 times: The host asks',
    );
    expect(text).toContain('Why: at least 1 finding in 1 h for one accountId, region and type.');
    expect(body.evidences).toMatchObject([{ src_endpoint: { ip: '10.0.1.5', instance_uid: host.instance } }]);
  });

  it('cleans and shortens what anyone in the account writes', async () => {
    const hostile = 'x\u001b[31m\nSubject: y\u2028https://evil.example '.repeat(400);
    const { text, body } = await alertOf(
      call({ who: hostile, from: hostile, text: hostile, service: hostile }),
      deleted,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028]/);
    expect(text.split('\n').filter((line) => line.startsWith('Subject:'))).toEqual([]);
    expect(body.events![0]!.text.length).toBeLessThanOrEqual(300);
    expect(JSON.stringify(body).length).toBeLessThan(8000);
  });

  it('offers queries for the address of its key, and both log sources, when a finding completes a rule on flows', async () => {
    const store = new MemoryCounterStore(both.series);
    await findingsOf([flowOf({ srcaddr: '10.0.1.5' })], both, { store });
    const { text, subject, body } = await alertOf(finding(), both, store);
    expect(subject).toBe('MEDIUM: host 10.0.1.5: all 2 steps in 1 h, Both');
    expect(text).toContain("Athena: SELECT * FROM vpc_flow_logs WHERE '10.0.1.5' IN (srcaddr, dstaddr) AND");
    expect(text).toContain(
      'CloudWatch Logs Insights: fields @timestamp, @message | filter @message like /(^|\\s)10\\.0\\.1\\.5(\\s|$)/',
    );
    expect(body.metadata.log_name).toBe('GuardDuty findings, VPC Flow Logs');
    expect(body.finding_info.data_sources).toEqual(['Amazon GuardDuty', 'Amazon VPC Flow Logs']);
  });

  it('has the flows of the batch when these complete the rule', async () => {
    const store = new MemoryCounterStore(both.series);
    await findingsOfEvent(finding(), both, store);
    const [completed] = await findingsOf([flowOf({ srcaddr: '10.0.1.5' })], both, { store });
    const { text, body } = writeAlert(completed!, origin);
    expectAlertBody(JSON.parse(body));
    expect(text).toContain('This batch: 1 flow record');
    expect(JSON.parse(body)).not.toHaveProperty('events');
  });

  it('is a digest for many hosts of one finding', async () => {
    const hosts = Array.from({ length: 12 }, (_, index) => ({ ...host, addresses: [`10.0.1.${index + 1}`] }));
    const rules = rulesOf(
      `${eventRule('guardduty', '{severity|gte: 4}')}---\ntitle: Host\ncorrelation: {type: event_count, rules: [some_event], group-by: [flowSentinel.addresses], timespan: 1h, condition: {gte: 1}}\n`,
    );
    const { text, body } = writeDigest(await findingsOfEvent(finding({ hosts }), rules), origin);
    expectAlertBody(JSON.parse(body));
    expect(text.trimEnd().split('\n').length).toBeLessThan(40);
    expect(text).toContain('12 at once');
  });
});
