import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryContextTable } from '../../../emulators/memory-context-table.ts';
import type { Alert } from '../../../lambda/alert/alert.ts';
import { writeAlert } from '../../../lambda/alert/alert.ts';
import { sceneOf } from '../../../lambda/alert/alert-scene.ts';
import { updateAlerts } from '../../../lambda/alert/update-alerts.ts';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { entryItem } from '../../../lambda/context/context-table.ts';
import { entitiesOfEvent } from '../../../lambda/context/entity.ts';
import { type SentAlert, sentAlertEntries, sentAlertItem } from '../../../lambda/context/sent-alert.ts';
import { findingWith, host } from '../../support/around-events.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const signal = new AbortController().signal;
const settings = { perMinute: 60, retentionSeconds: 86_400 };
const expiresAt = epoch + 86_400;
const inside = [{ groups: [10 << 8, 0], length: 8 }];

const rules = rulesOf(
  ruleText(
    '{action: ACCEPT}',
    'type: value_sum, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {field: bytes, gte: 1000000000}',
    'alert: {next: [Ask the owner of the source.]}',
  ),
);
const format = formatOf(`${directed.names.join(' ')} vpc-id`);

/** Returns an alert on the host of `findingWith`, as it is stored after it is sent. */
async function sentAlert(): Promise<SentAlert> {
  const fields = { 'interface-id': host.interface, 'vpc-id': host.vpc, srcaddr: '10.0.3.30', dstaddr: '198.51.100.47' };
  const [finding] = await findingsOf([flowOf({ ...fields, bytes: 4_100_000_000 }, format)], rules);
  const { id, body, attributes } = writeAlert(finding!, { account: '111122223333', region: 'eu-west-1' });
  const scene = sceneOf(finding!, inside, {});
  return {
    ...{ id, rule: 'r', title: 'R', scene, body, attributes: [...attributes] },
    time: epoch,
    told: [],
    updates: [],
  };
}

/** A table with a sent alert and stored findings, and the messages of the topic. */
async function world(findings: readonly GuardDutyFinding[]) {
  const table = new MemoryContextTable();
  const alert = await sentAlert();
  await table.put([sentAlertItem(alert, 1, expiresAt), ...sentAlertEntries(alert, expiresAt)]);
  for (const finding of findings) {
    await table.put(entitiesOfEvent(finding).map((one) => entryItem(one, finding, finding.updated, expiresAt)));
  }
  const messages: Alert[] = [];
  let failures = 0;
  const alerts = {
    async publish(sent: readonly Alert[]) {
      if (failures > 0) {
        failures -= 1;
        return { published: new Set<Alert>(), problems: ['the topic is away'] };
      }
      messages.push(...sent);
      return { published: new Set(sent), problems: [] };
    },
  };
  const ports = { table, alerts, alertState: new MemoryAlertStateStore() };
  return {
    alert,
    messages,
    failNext: (count: number) => {
      failures = count;
    },
    update: (finding: GuardDutyFinding, now: number) => updateAlerts(finding, now, settings, ports, signal),
  };
}

const fiveHours = epoch + 5 * 3600;
const late = findingWith({ first: epoch - 60, last: epoch + 600, updated: fiveHours });

describe('updateAlerts', () => {
  it('sends one update of the same OCSF finding when a finding comes five hours later', async () => {
    const { alert, messages, update } = await world([late]);
    expect(await update(late, fiveHours)).toEqual({ sent: [messages[0]!.id] });
    const body = JSON.parse(messages[0]!.body);
    const before = JSON.parse(alert.body);
    expect(body).toMatchObject({
      activity_id: 2,
      type_uid: 200_402,
      id: messages[0]!.id,
      finding_info: { uid: before.finding_info.uid, related_events: [{ uid: late.id }], related_events_count: 1 },
      update: { number: 1, alert: alert.id, history: [{ id: alert.id }, { id: messages[0]!.id }] },
    });
    expect(body.metadata.uid).not.toBe(before.metadata.uid);
    expect(messages[0]!.attributes.get('level')).toBe(body.level);
    expect(messages[0]!.subject).toMatch(/^UPDATE \w+ to \w+: 10\.0\.3\.30 -> 198\.51\.100\.47/);
    expect(messages[0]!.text.split('\n').length).toBeLessThan(40);
    expect(messages[0]!.text).toMatchSnapshot();
  });

  it('sends nothing more when the finding is delivered again', async () => {
    const { messages, update } = await world([late]);
    await update(late, fiveHours);
    expect(await update(late, fiveHours + 60)).toEqual({ sent: [] });
    expect(messages).toHaveLength(1);
  });

  it('sends one update when two processes look at once', async () => {
    const { messages, update } = await world([late]);
    const results = await Promise.all([update(late, fiveHours), update(late, fiveHours)]);
    expect(messages).toHaveLength(1);
    expect(results.map(({ lookAgainSeconds }) => lookAgainSeconds).sort()).toEqual([60, undefined]);
  });

  it('sends a promised update again when the topic refused it', async () => {
    const { messages, update, failNext } = await world([late]);
    failNext(1);
    await expect(update(late, fiveHours)).rejects.toThrow('an update was not published: the topic is away');
    expect(await update(late, fiveHours + 60)).toEqual({ sent: [], lookAgainSeconds: 240 });
    await update(late, fiveHours + 300);
    expect(messages).toHaveLength(1);
  });

  it('does nothing when the finding is of another host', async () => {
    const other = { ...host, interface: 'eni-0b', instance: 'i-0b', addresses: ['10.0.9.9'] };
    const { update } = await world([]);
    expect(await update({ ...late, hosts: [other] }, fiveHours)).toEqual({ sent: [] });
  });

  it('sends each of at most three updates once, at least 15 minutes apart, in any order of deliveries', async () => {
    const deliveries = fc.array(
      fc.record({ id: fc.nat(4), wait: fc.integer({ min: 0, max: 1200 }), isFailing: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 25,
      },
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async (all) => {
        const findings = [0, 1, 2, 3, 4].map((n) => ({ ...late, id: `finding-${n}` }));
        const { messages, update, failNext } = await world([]);
        let now = fiveHours;
        for (const { id, wait, isFailing } of all) {
          now += wait;
          failNext(isFailing ? 1 : 0);
          await update(findings[id]!, now).catch(() => {});
        }
        const ids = messages.map((message) => message.id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBeLessThanOrEqual(3);
        const told = messages.flatMap(({ text }) => text);
        expect(told).toHaveLength(ids.length);
        const times = messages.map(({ body }) => JSON.parse(body).time / 1000);
        for (const [index, time] of times.entries())
          if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(900);
      }),
      { numRuns: 30 },
    );
  });
});
