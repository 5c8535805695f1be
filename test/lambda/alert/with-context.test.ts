import { describe, expect, it } from 'vitest';
import { writeAlert } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { sceneOf } from '../../../lambda/alert/alert-scene.ts';
import type { ContextLookups } from '../../../lambda/alert/context-lookups.ts';
import type { AlertOutcome } from '../../../lambda/alert/send-alerts.ts';
import { withContext } from '../../../lambda/alert/with-context.ts';
import type { ContextEntry } from '../../../lambda/context/context-entry.ts';
import { entitiesOfEvent } from '../../../lambda/context/entity.ts';
import type { SentAlert } from '../../../lambda/context/sent-alert.ts';
import { type Finding, levelOf } from '../../../lambda/evaluate/finding.ts';
import type { NameSource } from '../../../lambda/names/known-interface.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { changeWith, findingWith, host } from '../../support/around-events.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';
import { kinds } from './alert-kinds.ts';

const rules = rulesOf(
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}'),
);
const format = formatOf(`${directed.names.join(' ')} vpc-id`);
const context = { account: '111122223333', region: 'eu-west-1', insideNetworks: [{ groups: [10 << 8, 0], length: 8 }] };
const deadline = new AbortController().signal;

const flow = (values: Record<string, string | number> = {}) =>
  flowOf(
    {
      ...{
        srcaddr: '10.0.3.30',
        dstaddr: '198.51.100.47',
        srcport: 50_000,
        dstport: 443,
        protocol: 6,
        action: 'ACCEPT',
      },
      ...{ 'interface-id': host.interface, 'vpc-id': host.vpc, 'flow-direction': 'egress', ...values },
    },
    format,
  );

/** Sends findings with some entries in the table. Undefined entries: the table fails. */
async function sent(findings: readonly Finding[], entries: readonly ContextEntry[] | undefined) {
  const remembered: SentAlert[] = [];
  const contextLookups: ContextLookups = {
    async read(entities) {
      if (!entries) return undefined;
      const ofEntity = (entity: string) =>
        entries.filter((entry) => entry.kind !== 'alert' && entitiesOfEvent(entry).some((one) => one === entity));
      return { asOf: epoch + 90, entries: new Map(entities.map((entity) => [entity, ofEntity(entity)])) };
    },
    async remember(alerts) {
      remembered.push(...alerts);
    },
  };
  let given: readonly Finding[] = [];
  const none = { logged: [], deferred: [], silenced: [], unlisted: [] };
  await withContext(findings, context, { contextLookups, deadline }, async (found): Promise<AlertOutcome> => {
    given = found;
    return { ...none, published: found };
  });
  return { findings: given, remembered };
}

function bodyOf(finding: Finding) {
  const alert = writeAlert(finding, context);
  const body = JSON.parse(alert.body) as AlertBody;
  expectAlertBody(body);
  return { ...alert, body };
}

describe('an alert with context', () => {
  it('tells the finding and the change, and is one level higher', async () => {
    const entries = [findingWith(), changeWith({ time: epoch - 60 })];
    const { findings, remembered } = await sent(await findingsOf([flow()], rules), entries);
    const { body, text, attributes, subject } = bodyOf(findings[0]!);
    expect(body).toMatchObject({
      level: 'critical',
      severity: 'Critical',
      around: { read: true, asOf: epoch + 90, raised: { from: 'high', to: 'critical' } },
      finding_info: { related_events_count: 2 },
      enrichments: [{ name: 'severity', value: 'Critical' }],
    });
    expect(attributes.get('level')).toBe('critical');
    expect(subject).toMatch(/^CRITICAL: 10\.0\.3\.30 -> /);
    expect(text.slice(text.indexOf('Around'), text.indexOf('\n\nWhat to do'))).toMatchInlineSnapshot(`
      "Around this host, as of 2026-11-24 09:01:30 UTC
      - Raised from HIGH to CRITICAL: a change within the hour before the first flow lets this flow through
      - 60 s before the first flow: sg-0a1b2c3d4e5f60718 opened to 0.0.0.0/0 for tcp 443 (egress), by deploy/session from 203.0.113.9 (AuthorizeSecurityGroupEgress); it lets this flow through
      - GuardDuty HIGH Backdoor:EC2/C&CActivity.B!DNS, c2.example.com, 3 times, 2026-11-24 07:00:00 to 2026-11-24 08:00:00 UTC; names 10.0.3.30; from other data than flow logs"
    `);
    expect(remembered[0]).toMatchObject({
      id: body.id,
      scene: { interfaces: [host.interface], hosts: [{ address: '10.0.3.30', interface: host.interface }] },
      told: [{ id: expect.any(String) }, { id: expect.any(String) }],
    });
  });

  it('says that nothing else happened when nothing is stored', async () => {
    const { findings } = await sent(await findingsOf([flow()], rules), []);
    const { body, text } = bodyOf(findings[0]!);
    expect(body.level).toBe('high');
    expect(text).toContain('\nAround this host: nothing else within a day, as of 2026-11-24 09:01:30 UTC\n');
  });

  it('says that context is not known when the table fails', async () => {
    const { findings, remembered } = await sent(await findingsOf([flow()], rules), undefined);
    const { body, text } = bodyOf(findings[0]!);
    expect(body.around).toEqual({ read: false, notes: [] });
    expect(text).toContain('\nAround this host: not known, context events could not be read\n');
    expect(remembered).toHaveLength(1);
  });

  it('gives all findings of a rule and key the same level', async () => {
    const [finding] = await findingsOf([flow()], rules);
    const earlier = { ...finding!, record: { ...finding!.record, id: 'b', from: epoch - 90_000, to: epoch - 86_400 } };
    const { findings } = await sent([earlier, finding!], [findingWith({ first: epoch, last: epoch + 60 })]);
    expect(findings.map(levelOf)).toEqual(['critical', 'critical']);
  });

  it.each(Object.keys(kinds))('has fewer than 40 lines when everything happened: %s', async (kind) => {
    const many = Array.from({ length: 12 }, (_, n) => findingWith({ id: `${n}`, hosts: [{ ...host, addresses: [] }] }));
    const entries = [...many, changeWith()];
    const found = await kinds[kind]!();
    const around = found.map((finding) => ({
      ...finding,
      around: {
        scene: {} as never,
        asOf: epoch,
        notes: entries.map(({ id, kind }) => ({ kind, id, text: 'x'.repeat(300), time: epoch, isNews: true })),
        raise: { from: 'low', to: 'medium', reason: 'a finding', evidence: '0' } as const,
      },
    }));
    for (const finding of around) {
      const { text } = bodyOf(finding);
      expect(text.trimEnd().split('\n').length).toBeLessThan(40);
      if (finding.record.multiple > 0)
        expect(text).toContain(`- Raised from LOW to MEDIUM: a finding\n- ${'x'.repeat(300)}\n- xxx`);
    }
  });
});

describe('the hosts of an alert', () => {
  it('have the interface, the instance and the VPC that their names say when the flows do not', async () => {
    const rejected = flowOf({ srcaddr: '10.0.3.30', dstaddr: '10.0.9.9', action: 'REJECT', 'interface-id': 'eni-0b' });
    const [finding] = await findingsOf(
      [rejected],
      rulesOf(
        ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
      ),
    );
    const known = { ...host, id: host.instance, kind: 'instance', address: '10.0.3.30', isShared: false } as const;
    const names: NameSource = {
      addressOf: (address) => (address === '10.0.3.30' ? known : undefined),
      interfaceOf: () => undefined,
      time: epoch,
    };
    const scene = sceneOf(finding!, context.insideNetworks, { names });
    expect(scene).toMatchObject({
      interfaces: [host.interface, 'eni-0b'],
      instances: [host.instance],
      vpcs: [host.vpc],
    });
    const gateway = { ...names, addressOf: () => ({ ...known, kind: 'NAT gateway' as const }) };
    expect(sceneOf(finding!, context.insideNetworks, { names: gateway }).hosts[0]).toMatchObject({ isRelay: true });
  });

  it('have the interface of the key when there is no flow', async () => {
    const [finding] = await findingsOf(
      [flowOf({ 'interface-id': 'eni-0b' })],
      rulesOf(
        ruleText('{action: ACCEPT}', 'type: event_count, group-by: [interface-id], timespan: 1h, condition: {gte: 1}'),
      ),
    );
    const without = { ...finding!, delta: { ...finding!.delta, evidence: new Map() } };
    expect(sceneOf(without, context.insideNetworks, {}).interfaces).toEqual(['eni-0b']);
  });
});
