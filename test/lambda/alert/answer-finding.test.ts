import { describe, expect, it } from 'vitest';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryContextTable } from '../../../emulators/memory-context-table.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { Alert } from '../../../lambda/alert/alert.ts';
import { type AnswerSettings, answerFinding } from '../../../lambda/alert/answer-finding.ts';
import type { ContextEntry } from '../../../lambda/context/context-entry.ts';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { entryItem } from '../../../lambda/context/context-table.ts';
import type { Entity } from '../../../lambda/context/entity.ts';
import { expectAnswerBody } from '../../support/alert-schema.ts';
import { changeWith, findingWith, host } from '../../support/around-events.ts';
import { deltasOf } from '../../support/deltas.ts';
import { someBatch } from '../../support/findings.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { noRules } from '../../support/rules.ts';

const signal = new AbortController().signal;
const settings: AnswerSettings = {
  ...{ least: 'medium', scope: undefined, perMinute: 60, retentionSeconds: 86_400, countedWithinSeconds: 0 },
};
const remote = '198.51.100.47';
const drop = findingWith({
  ...{
    type: 'Trojan:EC2/DropPoint',
    isIndependent: false,
    direction: 'outbound',
    remotes: [remote],
    remotePorts: [443],
  },
  ...{ first: epoch, last: epoch + 600, updated: epoch + 700 },
});
const now = epoch + 1200;

/** Counters of flows, stored entries, and the messages of the topic. */
async function world(
  flows: readonly Record<string, string | number>[],
  entries: readonly [Entity, ContextEntry][] = [],
) {
  const counters = new MemoryCounterStore(noRules.series);
  const arrived = flows.map((values) => ({
    flow: flowOf({ start: epoch, end: epoch + 1100, ...values }),
    arrival: now,
  }));
  for (const delta of deltasOf(arrived, noRules)) await counters.add(delta, someBatch);
  const table = new MemoryContextTable();
  await table.put(entries.map(([entity, entry]) => entryItem(entity, entry, epoch, now + 1)));
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
  const ports = { table, counters, alerts, alertState: new MemoryAlertStateStore() };
  return {
    messages,
    fail: () => {
      failures = 1;
    },
    answer: (finding: GuardDutyFinding, at = now, changed: Partial<AnswerSettings> = {}) =>
      answerFinding(finding, at, { ...settings, ...changed }, ports, signal),
  };
}

const out = { srcaddr: '10.0.3.30', dstaddr: remote, bytes: 4_100_000_000, action: 'ACCEPT' };
const back = { srcaddr: remote, dstaddr: '10.0.3.30', bytes: 12_000_000, action: 'ACCEPT' };

describe('answerFinding', () => {
  it('sends the counts of both directions, and whether flows go on', async () => {
    const { messages, answer } = await world([out, back]);
    expect(await answer(drop)).toEqual({ sent: messages[0]!.id });
    const body = JSON.parse(messages[0]!.body);
    expectAnswerBody(body);
    expect(body.answer).toMatchObject({
      finding: drop.id,
      ongoing: true,
      pairs: [{ bytes: 4_100_000_000 }, { bytes: 12_000_000 }],
    });
    expect(messages[0]!.subject).toBe(
      'HIGH: 10.0.3.30 -> 198.51.100.47: 4.1 GB out, 12 MB in, GuardDuty Trojan:EC2/DropPoint',
    );
    expect(messages[0]!.text).toMatchSnapshot();
    expect(messages[0]!.text.split('\n').length).toBeLessThan(40);
  });

  it('reads the pair of IPv6 addresses, and of a remote that is only a source', async () => {
    const inside6 = '2001:db8::30';
    const flow = { srcaddr: '2001:db8:1::9', dstaddr: inside6, bytes: 5000, action: 'ACCEPT' };
    const { messages, answer } = await world([flow]);
    await answer({ ...drop, hosts: [{ ...host, addresses: [inside6] }], remotes: ['2001:db8:1::9'] });
    expect(JSON.parse(messages[0]!.body).answer.pairs).toMatchObject([
      { src: '2001:db8:1::9', isOut: false, bytes: 5000 },
    ]);
    expect(messages[0]!.subject).toContain('2001:db8::30 -> 2001:db8:1::9: 0 bytes out, 5 kB in');
  });

  it('says that there is no flow record when no pair is counted', async () => {
    const { messages, answer } = await world([]);
    await answer(drop);
    expectAnswerBody(JSON.parse(messages[0]!.body));
    expect(messages[0]!.text).toContain('no flow record of the host and these addresses: not logged here');
  });

  it('names the change that lets the host out, and other hosts with the same outside address', async () => {
    const other = findingWith({ id: 'other', remotes: [remote], hosts: [{ ...host, addresses: ['10.0.3.31'] }] });
    const { messages, answer } = await world(
      [out],
      [
        [`interface#${host.interface}`, changeWith()],
        [`remote#${remote}`, other],
      ],
    );
    await answer(drop);
    expect(messages[0]!.text).toMatch(/Other hosts with the same outside address: 10\.0\.3\.31\n/);
    expect(messages[0]!.text).toMatch(
      /10 min before the first flow: sg-0a1b2c3d4e5f60718 opened .*it lets this flow through\n/,
    );
  });

  it('answers once, and again when the level rises', async () => {
    const { messages, answer } = await world([out]);
    await answer(drop);
    expect(await answer(drop, now + 60)).toEqual({ none: 'answered' });
    await answer({ ...drop, level: 'critical', severity: 9 }, now + 120);
    expect(messages.map(({ attributes }) => attributes.get('level'))).toEqual(['high', 'critical']);
  });

  it('answers once when two processes handle the finding at once', async () => {
    const { messages, answer } = await world([out]);
    await Promise.all([answer(drop), answer(drop)]);
    expect(messages).toHaveLength(1);
  });

  it('sends a promised answer later when the topic refused it', async () => {
    const { messages, answer, fail } = await world([out]);
    fail();
    await expect(answer(drop)).rejects.toThrow('an answer was not published: the topic is away');
    expect(await answer(drop, now + 60)).toEqual({ lookAgainSeconds: 240 });
    await answer(drop, now + 300);
    expect(messages).toHaveLength(1);
  });

  it('waits when the minute has no message left, and sends at most those of ten findings at once', async () => {
    const { messages, answer } = await world([out]);
    const ten = Array.from({ length: 10 }, (_, n) => answer({ ...drop, id: `finding-${n}` }, now, { perMinute: 5 }));
    const results = await Promise.all(ten);
    expect(messages.length).toBeLessThanOrEqual(5);
    expect(results.filter((result) => 'lookAgainSeconds' in result)).toHaveLength(10 - messages.length);
  });

  it.each([
    ['has no outside address', { ...drop, remotes: [] }, 'no network'],
    ['is of an API call', { ...drop, direction: undefined as never }, 'no network'],
    ['is below the least level', { ...drop, level: 'low' as const }, 'low level'],
  ])('sends nothing when the finding %s', async (_, finding, none) => {
    const { answer } = await world([out]);
    expect(await answer(finding)).toEqual({ none });
  });

  it('sends no answer when an alert about the same host and outside address was sent', async () => {
    const alert: ContextEntry = {
      ...{ kind: 'alert', id: 'a', message: 'a', rule: 'r', title: 'R', level: 'high', tactics: [], time: epoch },
      ...{ hosts: ['10.0.3.30'], activeHosts: ['10.0.3.30'], vpcs: [host.vpc], remotes: [remote] },
    };
    const { answer } = await world([out], [[`interface#${host.interface}`, alert]]);
    expect(await answer(drop)).toEqual({ none: 'alerted' });
  });

  it('sends the answer when the alert is of a host with the same address in another VPC', async () => {
    const alert: ContextEntry = {
      ...{ kind: 'alert', id: 'a', message: 'a', rule: 'r', title: 'R', level: 'high', tactics: [], time: epoch },
      ...{ hosts: ['10.0.3.30'], activeHosts: ['10.0.3.30'], vpcs: ['vpc-0b'], remotes: [remote] },
    };
    const { answer } = await world([out], [[`remote#${remote}`, alert]]);
    expect(await answer(drop)).toEqual({ sent: expect.any(String) });
  });

  it.each([
    ['account', { 'account-id': '111122223333' }],
    ['vpc', { 'account-id': '111122223333', 'vpc-id': host.vpc }],
  ] as const)('reads the counters of the finding’s own network when the scope is %s', async (scope, keyScope) => {
    const pks: string[] = [];
    const counters = {
      async readAll(all: readonly string[]) {
        pks.push(...all);
        return new Map();
      },
    };
    const alerts = { publish: async (sent: readonly Alert[]) => ({ published: new Set(sent), problems: [] }) };
    const ports = { table: new MemoryContextTable(), counters, alerts, alertState: new MemoryAlertStateStore() };
    await answerFinding(drop, now, { ...settings, scope }, ports, signal);
    expect(pks).toContain(`pair#10.0.3.30#${remote}#${Object.values(keyScope).join('/')}`);
  });
});
