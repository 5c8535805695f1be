import { describe, expect, it } from 'vitest';
import { reportedContext } from '../../../cli/report/reported-context.ts';
import { readAddresses } from '../../../lambda/names/describe-answers.ts';
import { changeWith, findingWith, host } from '../../support/around-events.ts';
import { described } from '../../support/describe-answers.ts';
import { epoch } from '../../support/flows.ts';

const pair = { src: '10.0.3.30', dst: '198.51.100.47', bytes: 1, rejects: 0, firstSeen: epoch, lastSeen: epoch };

describe('reportedContext', () => {
  it('has each finding once, in order of time, with the addresses that the report has', () => {
    const state = findingWith({ remotes: ['198.51.100.47', '203.0.113.1'] });
    const later = { ...state, count: 9, last: epoch, updated: epoch };
    const { events, unlisted } = reportedContext([later, changeWith(), state, changeWith()], [pair], [], []);
    expect(unlisted).toBe(0);
    expect(events).toEqual([
      {
        ...{ kind: 'change', id: changeWith().id, time: epoch - 600, addresses: ['10.0.3.30'] },
        text: `${changeWith().text}, by deploy/session from 203.0.113.9 (AuthorizeSecurityGroupEgress)`,
      },
      {
        ...{ kind: 'finding', id: state.id, time: epoch, level: 'high', addresses: ['10.0.3.30', '198.51.100.47'] },
        text: 'Backdoor:EC2/C&CActivity.B!DNS, c2.example.com, 9 times, since 2026-11-24 07:00:00; A command and control domain was queried; from other data than flow logs',
      },
    ]);
  });

  it('finds the addresses of an instance by names', () => {
    const answer = {
      NetworkInterfaces: [
        described({
          NetworkInterfaceId: host.interface,
          PrivateIpAddress: '10.0.3.30',
          PrivateIpAddresses: [{ PrivateIpAddress: '10.0.3.30', Primary: true }],
          Attachment: { InstanceId: host.instance },
        }),
      ],
    };
    const known = readAddresses(answer, new Map(), epoch);
    const finding = findingWith({ hosts: [{ instance: host.instance, addresses: [], groups: [] }] });
    expect(reportedContext([finding], [pair], [], known).events[0]!.addresses).toEqual(['10.0.3.30']);
    expect(reportedContext([finding], [pair], [], []).events[0]!.addresses).toEqual([]);
  });

  it('keeps the latest 2,000 events, those of hosts in the report first, and bounds their texts', () => {
    const elsewhere = { ...host, addresses: ['10.9.9.9'] };
    const others = Array.from({ length: 2500 }, (_, n) =>
      changeWith({ id: `other-${n}`, time: epoch + n, hosts: [elsewhere], text: `\u001b[2J${'x'.repeat(999)}` }),
    );
    const { events, unlisted } = reportedContext([changeWith(), ...others], [pair], [], []);
    expect(unlisted).toBe(501);
    expect(events).toHaveLength(2000);
    expect(events[0]!.id).toBe(changeWith().id);
    expect(events[1]!.id).toBe('other-501');
    expect(events[1]!.text).toHaveLength(300);
    expect(events[1]!.text).toMatch(/^\?\[2Jx/);
  });
});
