import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../../emulators/memory-counter-store.ts';
import { alertBody } from '../../../../lambda/alert/alert-body.ts';
import type { AlertRecord } from '../../../../lambda/counters/alert-record.ts';
import type { Finding } from '../../../../lambda/evaluate/finding.ts';
import { expectAlertBody } from '../../../support/alert-schema.ts';
import { findingsOf, someBatch } from '../../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../../support/flows.ts';
import { rulesOf, ruleText } from '../../../support/rules.ts';
import { correlated, findingOf, kindNames } from '../alert-kinds.ts';

const origin = { account: '123456789012', region: 'eu-west-1' };

function bodyOf(finding: Finding) {
  const body = alertBody(finding, origin);
  expectAlertBody(body);
  return body;
}

const counting = (more = '') =>
  rulesOf(
    correlated(
      'type: event_count, rules: [entry], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}',
      more,
    ),
  );

describe('detectionFinding', () => {
  it('returns a Detection Finding of OCSF 1.8.0 for each kind of rule', async () => {
    for (const kind of kindNames) {
      expect(bodyOf(await findingOf(kind))).toMatchObject({
        category_uid: 2,
        class_uid: 2004,
        activity_id: 1,
        type_uid: 200401,
        severity_id: 2,
        status_id: 1,
        is_alert: true,
        time: (epoch + 100) * 1000,
        metadata: { version: '1.8.0', product: { name: 'flow-sentinel' }, profiles: ['cloud'] },
        cloud: { provider: 'AWS', account: { uid: '123456789012' } },
      });
    }
  });

  it('has the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(bodyOf(await findingOf('value_sum')).metadata.product.version).toBe(version);
  });

  it('has the value as count, the window as times, and the rule’s tactics and techniques as attacks', async () => {
    const body = bodyOf(await findingOf('event_count'));
    expect(body).toMatchObject({
      count: 4,
      start_time: body.window.from * 1000,
      end_time: body.window.to * 1000,
      message: 'LOW: 10.0.1.5 -> 10.0.2.7: 4 flow records in 1 h, Something to look at',
      remediation: { desc: 'Ask.\nLook.\nThink.\nSleep.\nAsk again.' },
      finding_info: {
        uid: body.id,
        types: ['Discovery', 'Exfiltration'],
        first_seen_time: epoch * 1000,
        last_seen_time: (epoch + 50) * 1000,
        attacks: [
          { technique: { uid: 'T1048' }, sub_technique: { uid: 'T1048.003' } },
          { tactic: { uid: 'TA0007', name: 'Discovery' } },
          { tactic: { uid: 'TA0010', name: 'Exfiltration' } },
        ],
      },
    });
  });

  it('adds the tactic to a technique when the rule has one tactic, and names an unknown tactic by its tag', async () => {
    const tagged = (tags: string) =>
      rulesOf(
        ruleText(
          '{action: ACCEPT}',
          'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}',
          `tags: ${tags}`,
        ),
      );
    const attacksOf = async (tags: string) =>
      bodyOf((await findingsOf([flowOf()], tagged(tags)))[0]!).finding_info.attacks;
    expect(await attacksOf('[attack.t1021, attack.lateral-movement]')).toEqual([
      { technique: { uid: 'T1021' }, tactic: { uid: 'TA0008', name: 'Lateral Movement' } },
    ]);
    expect(await attacksOf('[attack.constructor]')).toEqual([{ tactic: { name: 'constructor' } }]);
    expect(await attacksOf('[]')).toBeUndefined();
  });

  it('has is_alert false and the state Experimental when the rule is experimental', async () => {
    const rules = rulesOf(
      `${correlated('type: event_count, rules: [entry], group-by: [srcaddr], timespan: 1h, condition: {gte: 1}')}\nstatus: experimental`,
    );
    expect(bodyOf((await findingsOf([flowOf()], rules))[0]!)).toMatchObject({
      ruleStatus: 'experimental',
      is_alert: false,
      finding_info: { analytic: { type_id: 1, state_id: 3, state: 'Experimental' } },
    });
  });

  it('updates and closes the finding that an alert of a smaller multiple opened', async () => {
    const rules = counting('alert: {escalate: [2, 4]}');
    const store = new MemoryCounterStore(rules.series);
    const bodies = [];
    for (const [n, token] of ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC', 'DDDDDDDD'].entries()) {
      const batch = { dedupToken: token, arrival: epoch + 100 + n };
      const found = await findingsOf([flowOf()], rules, { store, batch });
      bodies.push(...found.map((finding) => ({ finding, body: bodyOf(finding) })));
    }
    const [first, second, last] = bodies.map(({ body }) => body);
    expect(bodies.map(({ body }) => [body.multiple, body.activity_name])).toEqual([
      [1, 'Create'],
      [2, 'Update'],
      [4, 'Update'],
    ]);
    expect([second, last]).toMatchObject(
      [second, last].map((body) => ({
        metadata: { uid: body!.id },
        finding_info: { uid: first!.id, created_time: first!.time },
      })),
    );
    const { finding } = bodies.at(-1)!;
    const records = bodies.map((one) => one.finding.record);
    const notice: AlertRecord = { ...finding.record, multiple: 0, id: 'f'.repeat(32), to: epoch + 86_400 };
    expect(
      bodyOf({ ...finding, record: notice, counter: { ...finding.counter, alertRecords: records } }),
    ).toMatchObject({
      activity_id: 3,
      type_uid: 200403,
      status_id: 99,
      status: 'Ended',
      is_alert: false,
      ended: true,
      finding_info: { uid: first!.id },
    });
  });

  it('creates a finding when the first alert has a higher multiple, or the suppression of the alert before has ended', async () => {
    const rules = counting('alert: {escalate: [2]}');
    const [finding] = await findingsOf([flowOf(), flowOf()], rules);
    expect(bodyOf(finding!)).toMatchObject({ multiple: 2, activity_name: 'Create' });
    const { record, counter } = finding!;
    const before = { ...record, multiple: 1, id: 'e'.repeat(32), to: record.to - record.suppressSeconds };
    expect(bodyOf({ ...finding!, counter: { ...counter, alertRecords: [before] } })).toMatchObject({
      activity_name: 'Create',
    });
  });

  it('adds the logging interface to an endpoint, unless the packet’s address is a different one', async () => {
    const format = formatOf(`${directed.names.join(' ')} vpc-id tcp-flags traffic-path pkt-dst-aws-service`);
    const values = { 'flow-direction': 'egress', 'vpc-id': 'vpc-1', 'tcp-flags': 2, 'traffic-path': 8 };
    const flows = [
      flowOf(
        { ...values, 'pkt-srcaddr': '10.0.1.5', 'pkt-dstaddr': '198.18.0.9', 'pkt-dst-aws-service': 'S3' },
        format,
      ),
      flowOf({ ...values, 'pkt-srcaddr': '10.0.7.7', 'pkt-dstaddr': '198.18.0.9' }, format),
    ];
    const rules = rulesOf(
      correlated('type: event_count, rules: [entry], group-by: [dstaddr], timespan: 1h, condition: {gte: 1}'),
    );
    const { evidences, observables, resources } = bodyOf((await findingsOf(flows, rules))[0]!);
    expect(evidences).toMatchObject([
      {
        src_endpoint: { ip: '10.0.1.5', port: 50_000, interface_uid: 'eni-0a1b2c3d4e5f60718', vpc_uid: 'vpc-1' },
        dst_endpoint: { ip: '198.18.0.9', port: 443, svc_name: 'S3' },
        connection_info: {
          direction_id: 2,
          protocol_num: 6,
          protocol_name: 'tcp',
          protocol_ver_id: 4,
          tcp_flags: 2,
          boundary_id: 11,
          boundary: 'Internet Gateway',
        },
        data: { action: 'ACCEPT', bytes: 1000, packets: 10 },
      },
      { src_endpoint: { ip: '10.0.7.7', port: 50_000 } },
    ]);
    expect(evidences[1]!.src_endpoint).not.toHaveProperty('interface_uid');
    expect(observables).toContainEqual({
      name: 'evidences[].dst_endpoint.port',
      type_id: 11,
      type: 'Port',
      value: '443',
    });
    expect(observables.filter(({ type_id }) => type_id === 2).map(({ value }) => value)).toEqual([
      '10.0.1.5',
      '198.18.0.9',
      '10.0.7.7',
    ]);
    expect(resources).toEqual(
      [
        { uid: 'eni-0a1b2c3d4e5f60718', type: 'AWS::EC2::NetworkInterface' },
        { uid: 'vpc-1', type: 'AWS::EC2::VPC' },
      ].map((resource) => ({ ...resource, role_id: 4, role: 'Related', region: 'eu-west-1' })),
    );
  });

  it('uses the addresses of the key as evidence when the batch has no flows of the rule', async () => {
    const finding = await findingOf('value_sum');
    const delta = { ...finding.delta, evidence: new Map() };
    expect(bodyOf({ ...finding, delta }).evidences).toEqual([
      { src_endpoint: { ip: '10.0.1.5' }, dst_endpoint: { ip: '10.0.2.7' } },
    ]);
  });

  it('has at most eight evidences, and no resource that does not look like an AWS id', async () => {
    const flows = Array.from({ length: 300 }, (_, n) =>
      flowOf({ dstaddr: `10.1.${n >> 8}.${n & 255}`, 'interface-id': '<script>' }),
    );
    const rules = rulesOf(
      correlated('type: event_count, rules: [entry], group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
    );
    const [finding] = await findingsOf(flows, rules, { batch: someBatch });
    const { evidences, resources } = bodyOf(finding!);
    expect(evidences).toHaveLength(8);
    expect(resources).toEqual([]);
  });

  const distinctBody = async (correlation: string, batches: Parameters<typeof flowOf>[0][][]) => {
    const rules = rulesOf(correlated(`type: value_count, rules: [entry], timespan: 1h, ${correlation}`));
    const store = new MemoryCounterStore(rules.series);
    const found: Finding[] = [];
    for (const [n, flows] of batches.entries()) {
      const batch = { dedupToken: String(n).padStart(8, '0'), arrival: epoch + 100 + n };
      found.push(
        ...(await findingsOf(
          flows.map((values) => flowOf(values)),
          rules,
          { store, batch },
        )),
      );
    }
    return bodyOf(found.at(-1)!);
  };

  it('has each distinct value of the window once as evidence and observable, also those of earlier batches', async () => {
    const { evidences, observables, distinct } = await distinctBody(
      'group-by: [srcaddr], condition: {field: dstaddr, gte: 3}',
      [[{ dstaddr: '10.0.2.1' }, { dstaddr: '10.0.2.2' }], [{ dstaddr: '10.0.2.3' }]],
    );
    expect(distinct!.values).toEqual(['10.0.2.1', '10.0.2.2', '10.0.2.3']);
    const pairOf = ({ src_endpoint, dst_endpoint }: (typeof evidences)[number]) => [src_endpoint?.ip, dst_endpoint?.ip];
    expect(evidences.map(pairOf)).toEqual([
      ['10.0.1.5', '10.0.2.3'],
      ['10.0.1.5', '10.0.2.1'],
      ['10.0.1.5', '10.0.2.2'],
    ]);
    expect(evidences.map((evidence) => 'connection_info' in evidence)).toEqual([true, false, false]);
    const targets = observables.filter(({ name }) => name === 'evidences[].dst_endpoint.ip').map(({ value }) => value);
    expect(targets.toSorted()).toEqual(distinct!.values);
  });

  it('has distinct ports as ports of the key’s endpoint, and combinations with all their values', async () => {
    const ports = await distinctBody('group-by: [srcaddr, dstaddr], condition: {field: dstport, gte: 2}', [
      [{ dstport: 22 }],
      [{ dstport: 23 }],
    ]);
    expect(ports.evidences.slice(1)).toEqual([
      { src_endpoint: { ip: '10.0.1.5' }, dst_endpoint: { ip: '10.0.2.7', port: 22 } },
    ]);
    const services = await distinctBody('group-by: [srcaddr], condition: {field: [dstaddr, dstport], gte: 2}', [
      [{ dstaddr: '10.0.2.1', dstport: 22 }],
      [{ dstaddr: '10.0.2.1', dstport: 23 }],
    ]);
    expect(services.evidences.slice(1)).toEqual([
      { src_endpoint: { ip: '10.0.1.5' }, dst_endpoint: { ip: '10.0.2.1', port: 22 } },
    ]);
  });

  it('has distinct values without an OCSF attribute as data', async () => {
    const { evidences } = await distinctBody('group-by: [dstaddr], condition: {field: interface-id, gte: 2}', [
      [{ 'interface-id': 'eni-1' }],
      [{ 'interface-id': 'eni-2' }],
    ]);
    expect(evidences.slice(1)).toEqual([
      { dst_endpoint: { ip: '10.0.2.7' }, data: { 'interface-id': 'eni-1' } },
      { dst_endpoint: { ip: '10.0.2.7' }, data: { 'interface-id': 'eni-2' } },
    ]);
  });
});
