import { describe, expect, it } from 'vitest';
import type { ContextEntry, OtherAlert } from '../../../lambda/context/context-entry.ts';
import { relate } from '../../../lambda/context/relate.ts';
import { changeWith, findingWith, host, sceneWith } from '../../support/around-events.ts';
import { epoch } from '../../support/flows.ts';

const texts = (entries: readonly ContextEntry[], scene = sceneWith()) =>
  relate(scene, entries).notes.map(({ text }) => text);
const raiseBy = (entry: ContextEntry, scene = sceneWith()) => relate(scene, [entry]).raise;

const otherAlert = (changes: Partial<OtherAlert> = {}): OtherAlert => ({
  kind: 'alert',
  id: 'b'.repeat(32),
  message: 'b'.repeat(32),
  rule: 'lateral_movement',
  title: 'Lateral movement',
  level: 'medium',
  tactics: ['lateral-movement'],
  hosts: ['10.0.3.30'],
  activeHosts: ['10.0.3.30'],
  vpcs: [host.vpc],
  remotes: [],
  time: epoch - 60,
  ...changes,
});

describe('findings', () => {
  it('raise the level by one step when they come from other data and name the host', () => {
    expect(raiseBy(findingWith())).toEqual({
      from: 'high',
      to: 'critical',
      reason: 'a GuardDuty finding from other data than flow logs names this host',
      evidence: findingWith().id,
    });
    expect(texts([findingWith()])).toEqual([
      'GuardDuty HIGH Backdoor:EC2/C&CActivity.B!DNS, c2.example.com, 3 times, 2026-11-24 07:00:00 to 2026-11-24 08:00:00 UTC; names 10.0.3.30; from other data than flow logs',
    ]);
  });

  it('raise nothing when they come from the same packets', () => {
    const finding = findingWith({ isIndependent: false, remotes: ['198.51.100.47'] });
    expect(raiseBy(finding)).toBeUndefined();
    expect(texts([finding])[0]).toMatch(
      /names 10\.0\.3\.30 and the same outside address 198\.51\.100\.47; from flow logs, the same packets$/,
    );
  });

  it.each([
    ['is low', findingWith({ level: 'low', severity: 2 })],
    ['is archived', findingWith({ isArchived: true })],
    [
      'names another host with the same outside address',
      findingWith({
        hosts: [{ ...host, interface: 'eni-0b', instance: 'i-0b', addresses: ['10.0.9.9'] }],
        remotes: ['198.51.100.47'],
      }),
    ],
  ])('are told and raise nothing when the finding %s', (_, finding) => {
    expect(raiseBy(finding)).toBeUndefined();
    expect(texts([finding])).toHaveLength(1);
  });

  it('raise nothing when the level is the highest already', () => {
    const { notes, raise } = relate(sceneWith({ level: 'critical' }), [findingWith()]);
    expect({ raise, notes: notes.length }).toEqual({ raise: undefined, notes: 1 });
  });

  it.each([
    ['a day and a second before the first', { first: epoch + 3600 + 86_401, last: epoch + 3600 + 86_401 }],
    ['more than six hours after the last', { first: epoch - 90_000, last: epoch - 21_601 }],
  ])('are not told when the window is %s', (_, times) => {
    expect(texts([findingWith(times)])).toEqual([]);
  });

  it('are told as they were updated last, whichever state comes first', () => {
    const old = findingWith({ first: epoch - 300_000, last: epoch - 290_000, updated: epoch - 290_000, count: 1 });
    const present = findingWith({ first: epoch - 300_000, count: 40 });
    for (const states of [
      [old, present],
      [present, old],
    ]) {
      expect(texts(states)).toEqual([expect.stringContaining('40 times')]);
    }
  });

  it('are told once when several entities have them', () => {
    expect(texts([findingWith(), findingWith()])).toHaveLength(1);
  });
});

it.each([
  ['the rule forbids it', { mayRaise: false }],
  ['the rule reads findings itself', { reads: ['finding' as const] }],
])('raises nothing, and tells the finding, when %s', (_, changes) => {
  const { notes, raise } = relate(sceneWith(changes), [findingWith()]);
  expect({ raise, notes: notes.length }).toEqual({ raise: undefined, notes: 1 });
});

it('does not tell an alert of the event that the alert is about', () => {
  expect(relate(sceneWith({ own: [findingWith().id] }), [findingWith()]).notes).toEqual([]);
});

it('raises nothing when the host only refused flows', () => {
  const scene = sceneWith({ hosts: [{ address: '10.0.3.30', isActive: false }], flows: [] });
  const { notes, raise } = relate(scene, [findingWith()]);
  expect({ raise, isNews: notes[0]!.isNews }).toEqual({ raise: undefined, isNews: false });
});

describe('an address with several holders', () => {
  const byAddress = sceneWith({ interfaces: [], instances: [], hosts: [{ address: '10.0.3.30', isActive: true }] });
  const other = { ...host, interface: 'eni-0b', instance: 'i-0b' };

  it('has the findings of its VPC when the flows name no interface', () => {
    expect(texts([findingWith()], byAddress)).toHaveLength(1);
    expect(texts([findingWith({ hosts: [{ ...host, vpc: 'vpc-0b' }] })], byAddress)).toEqual([]);
  });

  it('has no finding of another instance when the flows name its holder', () => {
    expect(texts([findingWith({ hosts: [other] })])).toEqual([]);
  });

  it('has no finding of the former holder when the address was given to another interface in between', () => {
    const started = changeWith({
      event: 'RunInstances',
      group: 'host',
      openings: [],
      hosts: [other],
      time: epoch - 1800,
    });
    expect(texts([findingWith(), started], byAddress).filter((text) => text.startsWith('GuardDuty'))).toEqual([]);
  });
});

describe('changes', () => {
  it('raise the level when they let the flow through within the hour before', () => {
    expect(raiseBy(changeWith())?.reason).toBe('a change within the hour before the first flow lets this flow through');
    expect(texts([changeWith()])).toEqual([
      '10 min before the first flow: sg-0a1b2c3d4e5f60718 opened to 0.0.0.0/0 for tcp 443 (egress), by deploy/session from 203.0.113.9 (AuthorizeSecurityGroupEgress); it lets this flow through',
    ]);
  });

  it.each([
    [
      'is for another port',
      changeWith({ openings: [{ direction: 'egress', protocol: 6, from: 22, to: 22, peer: { cidr: '0.0.0.0/0' } }] }),
    ],
    [
      'is for the other direction',
      changeWith({ openings: [{ direction: 'ingress', from: 0, to: 65_535, peer: { cidr: '0.0.0.0/0' } }] }),
    ],
    [
      'is for another network',
      changeWith({ openings: [{ direction: 'egress', from: 0, to: 65_535, peer: { cidr: '192.0.2.0/24' } }] }),
    ],
    ['is two hours old', changeWith({ time: epoch - 7200 })],
    [
      'has a group as its peer',
      changeWith({ openings: [{ direction: 'egress', from: 0, to: 65_535, peer: { group: 'sg-0b' } }] }),
    ],
  ])('are told and raise nothing when the change %s', (_, change) => {
    expect(raiseBy(change)).toBeUndefined();
    expect(texts([change])).toHaveLength(1);
  });

  it('raise nothing when the change concerns another host of the alert', () => {
    const [flow] = sceneWith().flows;
    const other = { address: '10.0.9.9', isActive: true };
    const scene = sceneWith({ hosts: [...sceneWith().hosts, other], flows: [{ ...flow!, host: '10.0.9.9' }] });
    expect(raiseBy(changeWith(), scene)).toBeUndefined();
  });

  it('say so when the change came after refused flows', () => {
    const scene = sceneWith({ since: epoch + 3600 });
    expect(raiseBy(changeWith({ time: epoch + 600 }), scene)?.reason).toBe(
      'a change after the first flow lets this flow through',
    );
  });

  it('raise nothing when the pair has flows from before the change', () => {
    expect(raiseBy(changeWith(), sceneWith({ since: epoch - 700 }))).toBeUndefined();
  });

  it('raise an alert of at least medium when flow logs were deleted within a day', () => {
    const blind = changeWith({ event: 'DeleteFlowLogs', group: 'eyes', openings: [], hosts: [], time: epoch - 80_000 });
    expect(raiseBy(blind)?.to).toBe('critical');
    expect(raiseBy(blind, sceneWith({ level: 'low' }))).toBeUndefined();
  });

  it('raise an outbound alert when a way out of its VPC was opened within a day', () => {
    const gateway = changeWith({
      event: 'AttachInternetGateway',
      group: 'way out',
      openings: [],
      hosts: [],
      vpcs: [host.vpc],
      time: epoch - 80_000,
    });
    expect(raiseBy(gateway)?.to).toBe('critical');
    expect(raiseBy({ ...gateway, vpcs: ['vpc-0b'] })).toBeUndefined();
    expect(raiseBy(gateway, sceneWith({ remotes: [] }))).toBeUndefined();
  });

  it('are not told when they come after the window', () => {
    expect(texts([changeWith({ time: epoch + 3601 })])).toEqual([]);
  });
});

describe('other alerts', () => {
  it('are told in one line without the alert itself', () => {
    const own = otherAlert({ id: sceneWith().uid });
    expect(
      texts([otherAlert(), own, otherAlert({ id: 'c', rule: 'vertical_scan', level: 'low', tactics: [] })]),
    ).toEqual([
      '2 other alerts of 10.0.3.30: lateral_movement 2026-11-24 08:59:00 (MEDIUM) and vertical_scan 2026-11-24 08:59:00 (LOW)',
    ]);
  });

  it('raise nothing when the host only refused the flows of the other alerts', () => {
    const scan = otherAlert({ tactics: ['discovery', 'reconnaissance'], activeHosts: [] });
    expect(raiseBy(scan)).toBeUndefined();
  });

  it('are told apart when they are of another host', () => {
    const other = { hosts: ['10.0.9.9'], tactics: ['lateral-movement', 'discovery'] };
    const [ofRemote, unrelated] = [
      otherAlert({ ...other, remotes: ['198.51.100.47'] }),
      otherAlert({ ...other, id: 'c' }),
    ];
    const { notes, raise } = relate(sceneWith(), [ofRemote, unrelated, otherAlert({ id: 'd', vpcs: ['vpc-0b'] })]);
    expect(raise).toBeUndefined();
    expect(notes.map(({ text }) => text)).toEqual([
      '1 other alert of other hosts with 198.51.100.47: lateral_movement 2026-11-24 08:59:00 (MEDIUM)',
    ]);
  });

  it('raise the level when they have three tactics with it', () => {
    expect(raiseBy(otherAlert())).toBeUndefined();
    expect(raiseBy(otherAlert({ tactics: ['lateral-movement', 'discovery'] }))?.reason).toBe(
      'alerts of 3 ATT&CK tactics name this host within a day',
    );
  });
});

it('puts first what raises the level, then findings, changes and alerts', () => {
  const same = findingWith({ id: 'same', isIndependent: false });
  const { notes } = relate(sceneWith(), [
    otherAlert(),
    same,
    changeWith({ id: 'old', time: epoch - 9000 }),
    changeWith(),
  ]);
  expect(notes.map(({ id }) => id)).toEqual([changeWith().id, 'same', 'old', otherAlert().id]);
});

it('bounds and cleans texts that anyone in the account writes', () => {
  const evil = `x\u0000\u001b[31m\n\u2028${'y'.repeat(10_000)}`;
  const entries = [changeWith({ who: evil, text: evil, from: evil, via: evil }), findingWith({ domain: evil })];
  for (const text of texts(entries)) {
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  }
});
