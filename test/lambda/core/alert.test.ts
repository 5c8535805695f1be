import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, writeAlert } from '../../../lambda/core/alert.ts';
import { judge } from '../../../lambda/core/judge.ts';
import type { LoadedRules } from '../../../lambda/sigma/load.ts';
import { MemoryCounterStore } from '../../../local/memory-counter-store.ts';
import { expectAlertBody } from '../../alert-schema.ts';
import { deltasOf } from '../../deltas.ts';
import { directed, epoch, flowOf, formatOf } from '../../flows.ts';
import { defaultRules, rulesOf, ruleText } from '../../rules.ts';

const origin = { account: '123456789012', region: 'eu-west-1' };

async function alertsOf(
  flows: readonly ReturnType<typeof flowOf>[],
  rules: LoadedRules = defaultRules,
): Promise<Alert[]> {
  const batch = { token: 'AAAAAAAA', arrival: epoch + 100 };
  const store = new MemoryCounterStore(rules.series);
  const alerts: Alert[] = [];
  for (const delta of deltasOf(
    flows.map((flow) => ({ flow, arrival: batch.arrival })),
    rules,
  )) {
    const { findings } = judge([{ delta, counter: await store.add(delta, batch) }], batch, rules);
    alerts.push(...findings.map((finding) => writeAlert(finding, origin)));
  }
  for (const { body } of alerts) expectAlertBody(JSON.parse(body));
  return alerts;
}

const repeat = (count: number, values: Record<string, string | number>) =>
  Array.from({ length: count }, () => flowOf(values));
const bodyOf = (alert: Alert | undefined) => JSON.parse(alert!.body) as Record<string, unknown>;

describe('writeAlert', () => {
  it('says what happened, to whom, and what to do, as text for people', async () => {
    const [alert] = await alertsOf([flowOf({ srcaddr: '10.0.3.30', dstaddr: '198.18.0.9', bytes: 150_000_000 })]);
    expect(alert!.subject).toBe(
      'HIGH: 10.0.3.30 -> 198.18.0.9: 150 MB in 1 h, Large transfer out of the internal networks',
    );
    expect(alert!.text).toBe(`HIGH: Large transfer out of the internal networks
10.0.3.30 -> 198.18.0.9: 150 MB in 1 h

One internal host sent more than 100 MB to one outside address within an hour. Backups, releases and video calls do this every day; so does somebody who carries your data away.

Value      150 MB (150,000,000 bytes)
Threshold  more than 100 MB in 1 h
Window     2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC
First seen 2026-11-24 09:00:00 UTC
Last seen  2026-11-24 09:00:50 UTC
In all     150 MB accepted, 0 rejected
This batch 1 flow record
From       10.0.3.30
To         198.18.0.9
Ports      443
Protocols  6
Interfaces eni-0a1b2c3d4e5f60718
Account    123456789012 eu-west-1
Severity   high
Technique  T1048 https://attack.mitre.org/techniques/T1048/

Look at next
- Find out who owns the target, and which process on the source talks to it.
- See whether the source sent as much to it last week at this hour.
- Its flows in Athena: SELECT * FROM vpc_flow_logs WHERE srcaddr = '10.0.3.30' AND dstaddr = '198.18.0.9' AND "end" BETWEEN 1795507200 AND 1795510980 ORDER BY "end"

Harmless when: backups, software releases, replication to a partner, large uploads by people

Rule data_exfiltration, alert ${alert!.id}.
No further alert of this rule for the same traffic for 6 h, unless it reaches 2 times the threshold.
`);
  });

  it('says the same as JSON for machines, with attributes to filter on', async () => {
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

  it('takes account and region of the stream where the flows do not say', async () => {
    const format = formatOf('srcaddr dstaddr action end');
    const [alert] = await alertsOf([flowOf({ action: 'REJECT', srcaddr: '203.0.113.5' }, format)]);
    expect(bodyOf(alert)).toMatchObject(origin);
  });

  it('lists what a source reached, and says when there was more', async () => {
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
    expect(alert!.text).toContain('at least 10 destinations in 1 h; 2 times that is reached');
  });

  it('says that a value is a bound when the set that it was counted by is full', async () => {
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

  it('keeps every mail under 40 lines', async () => {
    const alerts = await alertsOf([
      ...repeat(12, { action: 'REJECT', srcaddr: '203.0.113.5' }),
      ...Array.from({ length: 12 }, (_, n) => flowOf({ dstaddr: `10.0.4.${n}`, dstport: 22 })),
      flowOf({ dstaddr: '198.18.0.9', bytes: 150_000_000 }),
    ]);
    expect(new Set(alerts.map((alert) => bodyOf(alert).rule)).size).toBe(4);
    for (const { text } of alerts) expect(text.split('\n').length).toBeLessThan(40);
  });

  it('lets nothing that a log or a rule says shape what it sends', async () => {
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
        for (const attribute of alert!.attributes.values()) expect(attribute).not.toMatch(/\p{C}/u);
      }),
    );
  });
});
