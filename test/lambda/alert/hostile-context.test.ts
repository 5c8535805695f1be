import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, writeAlert } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { sceneOf } from '../../../lambda/alert/alert-scene.ts';
import { writeAnswer } from '../../../lambda/alert/answer-message.ts';
import { writeUpdate } from '../../../lambda/alert/update-message.ts';
import type { ContextEvent } from '../../../lambda/context/context-event.ts';
import { dueUpdate } from '../../../lambda/context/due-update.ts';
import { readContextEvent } from '../../../lambda/context/read-event.ts';
import { relate } from '../../../lambda/context/relate.ts';
import { expectAlertBody, expectAnswerBody } from '../../support/alert-schema.ts';
import { host } from '../../support/around-events.ts';
import {
  changeEvent,
  changeOf,
  findingEvent,
  findingOf,
  openedGroup,
  rawInterface,
} from '../../support/context-events.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const rules = rulesOf(
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}'),
);
const format = formatOf(`${directed.names.join(' ')} vpc-id`);
const inside = [{ groups: [10 << 8, 0], length: 8 }];
const timeText = (seconds: number) => new Date(seconds * 1000).toISOString();

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('\u0000', '\r', '\n', '\u001b[2J', '\u0085', '\u2028', '\u202e', '%0a', '"', '<a>'),
  }),
  fc.constantFrom('x'.repeat(10_000), '\n'.repeat(5000), 'https://192.0.2.1/\r\nSubject: changed', '=cmd|x!A1'),
);

const names = ['title', 'type', 'domain', 'name', 'who', 'session', 'from', 'via', 'text', 'agent'] as const;
const hostileTexts = fc.record(
  Object.fromEntries(names.map((name) => [name, hostileText])) as Record<Name, typeof hostileText>,
);
type Name = (typeof names)[number];
type Texts = Readonly<Record<Name, string>>;

/** Returns a finding, a change of the host's group and a change of the host, as AWS delivers them, with hostile texts. */
function rawEvents({ title, type, domain, name, who, session, from, via, text, agent }: Texts): unknown[] {
  const times = { eventFirstSeen: timeText(epoch - 60), eventLastSeen: timeText(epoch + 60) };
  const detail = findingOf({
    ...{ title, description: title, severity: 8, updatedAt: timeText(epoch + 60), createdAt: timeText(epoch) },
    type: type === '' ? 'T' : type,
    resource: {
      instanceDetails: {
        instanceId: host.instance,
        networkInterfaces: [rawInterface({ networkInterfaceId: host.interface, vpcId: host.vpc, publicDnsName: text })],
        tags: [{ key: 'Name', value: name }],
      },
    },
    service: { ...times, action: { dnsRequestAction: { domain, protocol: text } }, additionalInfo: { value: text } },
  });
  const identity = {
    type: 'AssumedRole',
    arn: `arn:aws:sts::111122223333:assumed-role/${who}/${session}`,
    invokedBy: via,
    sessionContext: { sessionIssuer: { userName: who } },
  };
  const by = { eventTime: timeText(epoch - 60), sourceIPAddress: from, userAgent: agent, userIdentity: identity };
  const opened = { ...openedGroup(host.groups[0]!, 443), ...by };
  const started = changeOf(
    'ModifyInstanceAttribute',
    { instanceId: host.instance, attribute: text, value: text },
    null,
    { ...by, eventID: '1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9' },
  );
  return [findingEvent(detail), changeEvent(opened), changeEvent(started)];
}

function readEvents(texts: Texts): ContextEvent[] {
  return rawEvents(texts).flatMap((raw) => {
    const read = readContextEvent(raw);
    return 'event' in read ? [read.event] : [];
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function expectClean({ subject, text, body, attributes }: Alert): void {
  expect(subject).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,98}$/);
  const lines = text.split('\n');
  expect(lines.length).toBeLessThan(40);
  for (const line of lines) expect(line).not.toMatch(control);
  for (const value of attributes.values()) expect(value).not.toMatch(control);
  const { remediation: _, ...parsed } = JSON.parse(body) as AlertBody;
  for (const value of stringsIn(parsed)) expect(value).not.toMatch(control);
  expect(body.length).toBeLessThan(100_000);
}

describe('alerts, updates and answers', () => {
  it('have clean lines, an ASCII subject and a body of their schema when events have hostile texts', async () => {
    const fields = {
      'interface-id': host.interface,
      'vpc-id': host.vpc,
      srcaddr: '10.0.3.30',
      dstaddr: '198.51.100.47',
    };
    const [finding] = await findingsOf([flowOf({ ...fields, dstport: 443, srcport: 50_000 }, format)], rules);
    const context = { account: '111122223333', region: 'eu-west-1', insideNetworks: inside };
    const scene = sceneOf(finding!, inside, { account: context.account, region: context.region });
    fc.assert(
      fc.property(hostileTexts, (texts) => {
        const events = readEvents(texts);
        const related = relate(scene, events);
        const around = { scene, asOf: epoch + 90, ...related };
        const alert = writeAlert({ ...finding!, around }, context);
        expectClean(alert);
        expectAlertBody(JSON.parse(alert.body));

        const before = writeAlert(finding!, context);
        const sent = {
          ...{ id: before.id, rule: 'r', title: texts.title, scene, body: before.body, time: epoch },
          ...{ attributes: [...before.attributes], told: [], updates: [] },
        };
        const decision = dueUpdate(sent, related, epoch + 3600);
        expect(decision.kind).toBe(related.notes.some(({ isNews }) => isNews) ? 'send' : 'nothing');
        if (decision.kind === 'send') {
          const update = writeUpdate(decision.alert, decision.update, { ...related, asOf: epoch + 3600 });
          expectClean(update);
          expectAlertBody(JSON.parse(update.body));
        }

        for (const event of events) {
          if (event.kind !== 'finding') continue;
          const asked = { pairs: [], others: [], around: { asOf: epoch, notes: related.notes } };
          const answer = writeAnswer({ finding: event, ...asked, now: epoch, countedWithinSeconds: 0 });
          expectClean(answer);
          expectAnswerBody(JSON.parse(answer.body));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are all written when no text is hostile', () => {
    const plain = Object.fromEntries(names.map((name) => [name, name])) as Texts;
    expect(readEvents(plain).map(({ kind }) => kind)).toEqual(['finding', 'change', 'change']);
  });
});
