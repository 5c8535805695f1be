import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, writeAlert } from '../../../lambda/alert/alert.ts';
import type { Context } from '../../../lambda/alert/alert-body.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { fewRules, rulesOf, ruleText } from '../../support/rules.ts';
import { correlated, findingOf, kindNames } from './alert-kinds.ts';

const origin = { account: '123456789012', region: 'eu-west-1' };

async function alertsOf(flows: readonly ReturnType<typeof flowOf>[], rules: LoadedRules = fewRules): Promise<Alert[]> {
  return (await findingsOf(flows, rules)).map((finding) => written(finding));
}

function written(finding: Finding, context: Context = origin): Alert {
  const alert = writeAlert(finding, context);
  expectAlertBody(JSON.parse(alert.body));
  return alert;
}

/** The first line and the reason of each kind of alert. */
const textsOf: Record<string, object> = {
  event_count: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 4 flow records in 1 h, Something to look at',
    why: 'more than 1 flow record in 1 h for one srcaddr and dstaddr. It was 4 flow records, which reaches 2 times the threshold.',
  },
  value_count: {
    first: 'LOW: 10.0.1.5: 2 ports in 1 h, Something to look at',
    why: 'at least 2 ports in 1 h for one srcaddr. It was 2 ports.',
  },
  value_sum: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 3 MB in 1 h, Something to look at',
    why: 'more than 1 MB in 1 h for one srcaddr and dstaddr. It was 3 MB (3,000,000 bytes), which reaches 2 times the threshold.',
  },
  value_avg: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 2.5 kB a flow record on average in 1 h, Something to look at',
    why: 'at least 2 kB a flow record on average in 1 h for one srcaddr and dstaddr. It was 2.5 kB a flow record on average.',
  },
  value_percentile: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 95th percentile of bytes over 1 MB in 1 h, Something to look at',
    why: '95th percentile of bytes over 1 MB in 1 h for one srcaddr and dstaddr.',
  },
  temporal: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: all 2 steps in 1 h, Something to look at',
    why: 'all 2 steps in any order (knock, entry) in 1 h for one srcaddr and dstaddr.',
  },
  temporal_ordered: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: all 2 steps in 1 h, Something to look at',
    why: 'all 2 steps in order (knock, then entry) in 1 h for one srcaddr and dstaddr.',
  },
  active_slots: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 100 kB in 6 h, Something to look at',
    why: 'more than 0 bytes in 6 h for one srcaddr and dstaddr, in at least 19 of its 21 slots of 18 min, at most 50 kB in each, the largest at most 3 times the smallest. It was 100 kB (100,000 bytes).',
  },
  first_seen: {
    first: 'LOW: 10.0.1.5 -> 10.0.2.7: 3 MB in 1 h, Something to look at',
    why: 'more than 1 MB in 1 h for one srcaddr and dstaddr, first seen less than 1 d before the end of the window. It was 3 MB (3,000,000 bytes).',
  },
  silent: {
    first: 'LOW: interface-id eni-0a1b2c3d4e5f60718: silent for 1 h after 5 flow records in 6 h, Something to look at',
    why: 'at least 5 flow records in 6 h for one interface-id, then none for 1 h while other records continued. It was 5 flow records.',
  },
};

const repeat = (count: number, values: Record<string, string | number>) =>
  Array.from({ length: count }, () => flowOf(values));
const bodyOf = (alert: Alert | undefined) => JSON.parse(alert!.body) as Record<string, unknown>;

describe('writeAlert', () => {
  it('writes an e-mail with the headline, the reason, the evidence and the next steps', async () => {
    const [alert] = await alertsOf([flowOf({ srcaddr: '10.0.3.30', dstaddr: '198.18.0.9', bytes: 150_000_000 })]);
    expect(alert!.subject).toBe(
      'HIGH: 10.0.3.30 -> 198.18.0.9: 150 MB in 1 h, Large transfer out of the internal networks',
    );
    expect(alert!.text).toMatchInlineSnapshot(`
      "HIGH: 10.0.3.30 -> 198.18.0.9: 150 MB in 1 h, Large transfer out of the internal networks

      One internal host sent more than 100 MB to one outside address within an hour. Backups, releases and video calls do this every day; so does an attacker who copies your data.

      Why: more than 100 MB in 1 h for one srcaddr and dstaddr. It was 150 MB (150,000,000 bytes).
      Window: 2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC
      Seen: first 2026-11-24 09:00:00, last 2026-11-24 09:00:50 UTC
      In all: 150 MB accepted, 0 rejected
      This batch: 1 flow record, arrived 50 s after the last flow ended
      From: 10.0.3.30
      To: 198.18.0.9
      Ports: 443 https
      Protocols: 6 tcp
      Action: ACCEPT
      Interfaces: eni-0a1b2c3d4e5f60718
      Account: 123456789012 eu-west-1
      Technique: T1048 https://attack.mitre.org/techniques/T1048/

      What to do
      - Find out who owns the target, and which process on the source talks to it.
      - Check whether the source sent as much to the target at the same hour last week.
      - What the rule looks for: npx flow-sentinel rules explain data_exfiltration
      - Flows in Athena: SELECT * FROM vpc_flow_logs WHERE srcaddr = '10.0.3.30' AND dstaddr = '198.18.0.9' AND "end" BETWEEN 1795507200 AND 1795510980 AND day >= '2026-11-24' ORDER BY "end"
      - Flows in CloudWatch Logs Insights: fields @timestamp, @message | filter @message like /(^|\\s)10\\.0\\.3\\.30(\\s|$)/ | filter @message like /(^|\\s)198\\.18\\.0\\.9(\\s|$)/ | sort @timestamp asc | limit 1000
      - If it is harmless: npx flow-sentinel rules silence data_exfiltration srcaddr=10.0.3.30 dstaddr=198.18.0.9 --reason "..." --until 2026-12-24
      - To silence it for a day: npx flow-sentinel alerts silence data_exfiltration srcaddr=10.0.3.30 dstaddr=198.18.0.9 --reason "..." --until 1d

      Harmless when: backups, software releases, replication to a partner, large uploads by people
      Rule data_exfiltration, alert 887f3832fa77577c17f835d65b2b2b88.
      No further alert of this rule for the same traffic for 6 h, until 2026-11-24 15:03:00 UTC, unless it reaches 2 times the threshold.
      "
    `);
  });

  it.each(kindNames)('writes the headline and the reason for a %s rule', async (kind) => {
    const { text } = written(await findingOf(kind));
    const [first] = text.split('\n');
    expect({ kind, first, why: text.match(/^Why: (.*)$/m)?.[1] }).toEqual({ kind, ...textsOf[kind] });
  });

  it('writes a line for each field that the flows and the counter have', async () => {
    const finding = await findingOf('event_count');
    const record = { ...finding.record, previousSuppressedCount: 3 };
    const lookupLists = (address: string) =>
      address === '10.0.1.5'
        ? [{ list: 'threat_list', network: '10.0.1.5/32', label: 'scanner', reason: 'seen in May' }]
        : [];
    const alert = written(
      { ...finding, record, delta: { ...finding.delta, overflowPairs: 12 } },
      { ...origin, lookupLists },
    );
    expect(alert.text).toMatchInlineSnapshot(`
      "LOW: 10.0.1.5 -> 10.0.2.7: 4 flow records in 1 h, Something to look at

      Something happened.

      Why: more than 1 flow record in 1 h for one srcaddr and dstaddr. It was 4 flow records, which reaches 2 times the threshold.
      Window: 2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC
      Seen: first 2026-11-24 09:00:00, last 2026-11-24 09:00:50 UTC
      In all: 0 bytes accepted, 4 rejected
      This batch: 4 flow records, arrived 50 s after the last flow ended, 12 light pairs of a flood counted together
      Suppressed: alerts of at least 3 batches since the previous alert
      From: 10.0.1.5
      To: 10.0.2.7
      Ports: 22 ssh, 23 telnet, 24, 25 smtp
      Protocols: 6 tcp
      TCP flags: 2 SYN
      Action: REJECT; ingress; rejected for BPA
      Interfaces: eni-0a1b2c3d4e5f60718
      Instances: i-0123456789abcdef0 (destination)
      Networks: subnet-1; vpc-1
      Account: 123456789012 ap-south-1
      Known as: 10.0.1.5 threat_list (scanner: seen in May)
      Technique: T1048.003 https://attack.mitre.org/techniques/T1048/003/

      What to do
      - Ask.
      - Look.
      - Think.
      - Sleep. Ask again.
      - What the rule looks for: npx flow-sentinel rules explain rule_0
      - Flows in Athena: SELECT * FROM vpc_flow_logs WHERE COALESCE(pkt_srcaddr, srcaddr) = '10.0.1.5' AND COALESCE(pkt_dstaddr, dstaddr) = '10.0.2.7' AND "end" BETWEEN 1795507200 AND 1795510980 AND day >= '2026-11-24' ORDER BY "end"
      - Flows in CloudWatch Logs Insights: fields @timestamp, @message | filter @message like /(^|\\s)10\\.0\\.1\\.5(\\s|$)/ | filter @message like /(^|\\s)10\\.0\\.2\\.7(\\s|$)/ | sort @timestamp asc | limit 1000
      - If it is harmless: npx flow-sentinel rules silence rule_0 srcaddr=10.0.1.5 dstaddr=10.0.2.7 --reason "..." --until 2026-12-24
      - To silence it for a day: npx flow-sentinel alerts silence rule_0 srcaddr=10.0.1.5 dstaddr=10.0.2.7 --reason "..." --until 1d

      Harmless when: a test
      Rule rule_0, alert 6c91a7bf273cf6a877a135e0eb2eb947.
      No further alert of this rule for the same traffic for 6 h, until 2026-11-24 15:03:00 UTC, unless it reaches 10 times the threshold. A notice is sent when it has ended.
      "
    `);
    expect(bodyOf(alert)).toMatchObject({
      suppressed: 3,
      late: 50,
      names: {
        networks: [{ address: '10.0.1.5', list: 'threat_list', label: 'scanner' }],
        services: [{ port: 22, protocol: 6, name: 'ssh' }, { name: 'telnet' }, { name: 'smtp' }],
      },
    });
  });

  it('lists the steps that occurred, and those that did not, when a temporal rule needs not all', async () => {
    const rules = rulesOf(
      correlated('type: temporal, rules: [knock, entry], group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
    );
    const [alert] = await alertsOf([flowOf({ action: 'REJECT' })], rules);
    expect(bodyOf(alert).steps).toEqual([
      { rule: 'knock', matched: true },
      { rule: 'entry', matched: false },
    ]);
    expect(alert!.text).toContain('It was 1 of 2 steps.\nSteps: knock seen, entry not seen\n');
  });

  it('writes a resolution notice when the multiple is 0', async () => {
    const finding = await findingOf('event_count');
    const notice = { ...finding.record, multiple: 0, id: '0123456789abcdef0123456789abcdef' };
    const counter = { ...finding.counter, alertRecords: [finding.record] };
    const alert = written({ ...finding, counter, record: notice });
    expect(alert.subject).toBe('LOW ended: 10.0.1.5 -> 10.0.2.7: Something to look at');
    expect(alert.text).toMatchInlineSnapshot(`
      "LOW ended: 10.0.1.5 -> 10.0.2.7: Something to look at

      No longer met: more than 1 flow record in 1 h for one srcaddr and dstaddr.
      The traffic may be over, or may only have paused. This notice does not show which.
      Window: 2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC
      Seen: first 2026-11-24 09:00:00, last 2026-11-24 09:00:50 UTC
      In all: 0 bytes accepted, 4 rejected
      Account: 123456789012 ap-south-1

      - What the rule looks for: npx flow-sentinel rules explain rule_0

      Rule rule_0, alert 0123456789abcdef0123456789abcdef. It closes alert 6c91a7bf273cf6a877a135e0eb2eb947.
      If the traffic begins again, a new alert is sent.
      "
    `);
    expect(bodyOf(alert)).toMatchObject({ ended: true, multiple: 0 });
  });

  it('names the service port of answers, AWS services, and the endpoint that an instance is', async () => {
    const format = formatOf(`${directed.names.join(' ')} instance-id pkt-src-aws-service pkt-dst-aws-service`);
    const flow = (values: Record<string, string | number>) => flowOf({ bytes: 2_000_000, ...values }, format);
    const answers = { srcaddr: '198.18.0.9', srcport: 443, dstaddr: '10.0.1.5', dstport: 50_000 };
    const flows = [
      flow({ ...answers, 'flow-direction': 'egress', 'instance-id': 'i-1', 'pkt-src-aws-service': 'S3' }),
      flow({ ...answers, srcport: 50_001, 'flow-direction': 'ingress', 'instance-id': 'i-2' }),
      flow({ ...answers, dstaddr: '10.0.9.9', 'flow-direction': 'ingress', 'instance-id': 'i-1' }),
      flow({
        ...answers,
        dstaddr: '10.0.8.8',
        'flow-direction': 'ingress',
        'instance-id': 'i-4',
        'pkt-dstaddr': '10.0.1.9',
      }),
      flow({ ...answers, dstaddr: '10.0.7.7', 'pkt-dst-aws-service': 'EC2' }),
    ];
    const rules = rulesOf(
      correlated(
        'type: value_sum, rules: [entry], group-by: [srcaddr], timespan: 1h, condition: {gt: 1, field: bytes}',
      ),
    );
    const [alert] = await alertsOf(flows, rules);
    expect(alert!.text.match(/^(From|To|Ports|Instances): .*$/gm)).toEqual([
      'From: 198.18.0.9; AWS service S3',
      'To: 10.0.1.5, 10.0.9.9, 10.0.1.9, 10.0.7.7; AWS service EC2',
      'Ports: 50000; from 443 https',
      'Instances: i-1 (source and destination), i-2 (destination), i-4',
    ]);
    expect(bodyOf(alert)).toMatchObject({
      evidence: { srcport: ['443'], 'pkt-src-aws-service': ['S3'], 'pkt-dst-aws-service': ['EC2'] },
      names: { services: [{ port: 443, protocol: 6, name: 'https' }] },
    });
  });

  it('writes no line about lateness or suppressions when there are none', async () => {
    const finding = await findingOf('value_sum');
    const early = { ...finding, record: { ...finding.record, arrival: epoch - 500 } };
    expect(bodyOf(written(early)).late).toBe(0);
    expect(bodyOf(written({ ...finding, record: { ...finding.record, arrival: 0 } }))).not.toHaveProperty('late');
    expect(written(early).text).not.toMatch(/Suppressed|after the last/);
  });

  it('writes the JSON body, and the message attributes for filters', async () => {
    const format = formatOf(`${directed.names.join(' ')} region vpc-id`);
    const values = { action: 'REJECT', srcaddr: '203.0.113.5', dstport: 22, region: 'ap-south-1', 'vpc-id': 'vpc-1' };
    const [alert] = await alertsOf([flowOf(values, format)]);
    expect(bodyOf(alert)).toMatchObject({
      id: alert!.id,
      rule: 'rejects_from_suspicious_ranges',
      level: 'medium',
      key: { srcaddr: '203.0.113.5', dstaddr: '10.0.2.7' },
      measure: { type: 'event_count' },
      value: 1,
      threshold: 1,
      window: { from: epoch - 3600, to: epoch + 180 },
      totals: { bytes: 0, rejects: 1 },
      evidence: { flows: 1, dstport: ['22'], 'interface-id': ['eni-0a1b2c3d4e5f60718'] },
      vpc: 'vpc-1',
    });
    expect(Object.fromEntries(alert!.attributes)).toEqual({
      rule: 'rejects_from_suspicious_ranges',
      level: 'medium',
      account: '123456789012',
      region: 'ap-south-1',
      vpc: 'vpc-1',
    });
  });

  it('takes account and region from the stream when the flows do not have them', async () => {
    const format = formatOf('srcaddr dstaddr action end');
    const [alert] = await alertsOf([flowOf({ action: 'REJECT', srcaddr: '203.0.113.5' }, format)]);
    expect(bodyOf(alert)).toMatchObject(origin);
  });

  it('lists the destinations of a source, and writes `and more` when there are more', async () => {
    const flows = Array.from({ length: 30 }, (_, n) =>
      flowOf({ dstaddr: `10.0.4.${n}`, dstport: 22, action: 'REJECT' }),
    );
    const [alert] = await alertsOf(flows);
    expect(alert!.subject).toBe(
      'HIGH: 10.0.1.5: 30 destinations in 1 h, One host reaches for many on administration ports',
    );
    expect(alert!.text).toContain('10.0.4.7 and more');
    expect(bodyOf(alert)).toMatchObject({
      value: 30,
      multiple: 2,
      key: { srcaddr: '10.0.1.5' },
      evidence: { more: ['dstaddr'] },
    });
    expect(alert!.text).toContain(
      'Why: at least 10 destinations in 1 h for one srcaddr. It was 30 destinations, which reaches 2 times the threshold.',
    );
  });

  it('marks the value as a lower bound when a set of distinct values is full', async () => {
    const flows = Array.from({ length: 90 }, (_, n) =>
      flowOf({ dstaddr: `10.0.4.${n}`, dstport: 22, action: 'REJECT' }),
    );
    const [alert] = await alertsOf(flows);
    expect(alert!.text).toContain('at least 80 destinations');
    expect(bodyOf(alert)).toMatchObject({ value: 80, valueIsLowerBound: true });
  });

  it('writes sums beyond 2^53 with all their digits', async () => {
    const [alert] = await alertsOf(repeat(2, { dstaddr: '198.18.0.9', bytes: '9007199254740993' }));
    expect(alert!.body).toContain('"value":18014398509481986,');
  });

  it('writes each e-mail in fewer than 40 lines', async () => {
    const alerts = await alertsOf([
      ...repeat(12, { action: 'REJECT', srcaddr: '203.0.113.5' }),
      ...Array.from({ length: 12 }, (_, n) => flowOf({ dstaddr: `10.0.4.${n}`, dstport: 22 })),
      flowOf({ dstaddr: '198.18.0.9', bytes: 150_000_000 }),
    ]);
    expect(new Set(alerts.map((alert) => bodyOf(alert).rule)).size).toBe(4);
    const full = await findingOf('event_count');
    const record = { ...full.record, previousSuppressedCount: 3 };
    const correlation = { type: 'value_count', field: 'dstport', series: ['x'] } as const;
    const texts = [
      ...alerts.map(({ text }) => text),
      ...[full.rule, { ...full.rule, correlation }].map((rule) => {
        const finding = { ...full, rule, record, delta: { ...full.delta, overflowPairs: 12 } };
        return written(finding, { ...origin, lookupLists: () => [{ list: 'a' }] }).text;
      }),
    ];
    expect(texts.at(-1)).toContain('All ports: 4, no longer stored');
    for (const text of texts) expect(text.split('\n').length).toBeLessThan(40);
  });

  it('writes a message under 256 KiB when a rule and its flows have very long texts', async () => {
    const format = formatOf(
      `${directed.names.join(' ')} instance-id subnet-id vpc-id region reject-reason pkt-src-aws-service`,
    );
    const longFields = ['account-id', 'instance-id', 'subnet-id', 'vpc-id', 'region', 'reject-reason'];
    const long = (n: number) => String.fromCharCode(0xe0 + n).repeat(300);
    const flows = Array.from({ length: 12 }, (_, n) =>
      flowOf(
        {
          action: 'REJECT',
          dstaddr: `10.0.9.${n}`,
          ...Object.fromEntries([...longFields, 'pkt-src-aws-service'].map((name) => [name, long(n)])),
          'interface-id': 'x'.repeat(300),
        },
        format,
      ),
    );
    const lines = (count: number) => JSON.stringify(Array.from({ length: count }, () => 'y'.repeat(500)));
    const text = correlated(
      'type: event_count, rules: [knock], group-by: [interface-id], timespan: 1h, condition: {gte: 1}',
      `references: ${lines(20)}\nfalsepositives: ${lines(10)}\nalert: {next: ${lines(10)}}`,
    );
    const rules = rulesOf(text.replace('Something happened.', 'z'.repeat(2000)));
    const lookupLists = () => [{ list: 'l'.repeat(300), label: 'm'.repeat(3000), reason: 'n'.repeat(3000) }];
    const [finding] = await findingsOf(flows, rules);
    const alert = written(finding!, { ...origin, lookupLists });
    const message = JSON.stringify({ default: alert.body, email: alert.text, sms: alert.subject });
    expect(Buffer.byteLength(message)).toBeLessThan(200 * 1024);
    expect(alert.text.split('\n').length).toBeLessThan(40);
  });

  it('writes printable lines when a flow or a rule has hostile text', async () => {
    const hostile = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .map((text) => text.replace(/[ \t\n\r]/g, '\u0007'));
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (value, title) => {
        fc.pre(value.trim() !== '' && value !== '-' && title.trim() !== '');
        const text = ruleText(
          '{action: REJECT}',
          'type: event_count, group-by: [interface-id], timespan: 1h, condition: {gte: 1}',
        );
        const rules = rulesOf(text.replace('title: Some rule', () => `title: ${JSON.stringify(title)}`));
        const [alert] = await alertsOf([flowOf({ action: 'REJECT', 'interface-id': value })], rules);
        expect(alert!.subject).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,98}$/);
        expect(alert!.text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
        expect(alert!.text.split('\n').length).toBeLessThan(40);
        for (const attribute of alert!.attributes.values()) expect(attribute).not.toMatch(/\p{C}/u);
      }),
    );
  });
});
