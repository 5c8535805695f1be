import { describe, expect, it } from 'vitest';
import { type Answer, type Describe, lookUpNames } from '../../../lambda/names/name-lookup.ts';
import { described } from '../../support/describe-answers.ts';

const [eni, other, vpc] = ['eni-0a1b2c3d', 'eni-0b1b2c3d', 'vpc-0a1b2c3d'];
const web = described({ NetworkInterfaceId: eni, VpcId: vpc, Attachment: { InstanceId: 'i-0a' } });
const api = described({
  ...{ NetworkInterfaceId: other, VpcId: vpc, PrivateIpAddress: '10.0.1.6' },
  PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.6' }],
  Ipv6Addresses: [{ Ipv6Address: 'fd00::6' }],
});
const tagged = { Reservations: [{ Instances: [{ InstanceId: 'i-0a', Tags: [{ Key: 'Name', Value: 'web-1' }] }] }] };

const answers = (answer: unknown, isComplete = true): Answer => ({ answer, isComplete });

/** Records the calls; the answers may be replaced. */
function ec2(replaced: { readonly [call in keyof Describe]?: Answer } = {}) {
  const calls: unknown[][] = [];
  const describe: Describe = {
    interfaces: async (...args) => {
      calls.push(['interfaces', ...args]);
      return replaced.interfaces ?? answers({ NetworkInterfaces: [web, api] });
    },
    holders: async (...args) => {
      calls.push(['holders', ...args]);
      return replaced.holders ?? answers({ NetworkInterfaces: [web, api] });
    },
    instances: async (...args) => {
      calls.push(['instances', ...args]);
      return replaced.instances ?? answers(tagged);
    },
  };
  return { calls, describe };
}

const ofInterface = { interface: eni };
const ofAddress = { address: '10.0.1.5', place: vpc };

describe('a look-up', () => {
  it('makes one call for interfaces, one for each family of addresses, and one for instances', async () => {
    const { calls, describe } = ec2();
    const keys = [ofInterface, ofAddress, { address: '10.0.1.6', place: vpc }, { address: 'fd00::6', place: vpc }];
    const found = await lookUpNames(keys, new Map(), describe, 5000);
    expect(calls).toEqual([
      ['interfaces', [eni]],
      ['holders', ['10.0.1.5', '10.0.1.6'], 'ipv4', [vpc]],
      ['holders', ['fd00::6'], 'ipv6', [vpc]],
      ['instances', ['i-0a']],
    ]);
    expect([...found].map(([key, { holder }]) => [key, holder?.interface, holder?.name, holder?.time])).toEqual([
      [`interface#${eni}`, eni, 'web-1', 5000],
      [`address#${vpc}#10.0.1.5`, eni, 'web-1', 5000],
      [`address#${vpc}#10.0.1.6`, other, undefined, 5000],
      [`address#${vpc}#fd00::6`, other, undefined, 5000],
    ]);
  });

  it('makes no call for what nobody wants', async () => {
    const { calls, describe } = ec2({ holders: answers({ NetworkInterfaces: [api] }) });
    await lookUpNames([{ address: '10.0.1.6', place: vpc }], new Map(), describe, 5000);
    expect(calls.map(([call]) => call)).toEqual(['holders']);
  });

  it('finds the VPC of an address by the interface that logged it', async () => {
    const { calls, describe } = ec2();
    const found = await lookUpNames([{ address: '10.0.1.6', place: eni }], new Map(), describe, 5000);
    expect(calls.slice(0, 2)).toEqual([
      ['interfaces', [eni]],
      ['holders', ['10.0.1.6'], 'ipv4', [vpc]],
    ]);
    expect(found.get(`address#${eni}#10.0.1.6`)?.holder?.interface).toBe(other);
  });

  it('takes no holder of another VPC, which the same filter may find', async () => {
    const { describe } = ec2();
    const found = await lookUpNames([{ address: '10.0.1.5', place: 'vpc-0b1b2c3d' }], new Map(), describe, 5000);
    expect([...found.values()]).toEqual([{ addresses: [], missing: { reason: 'not found', time: 5000 } }]);
  });

  it.each([
    [{ refused: 'throttled' } as const, 'throttled'],
    [{ refused: 'denied' } as const, 'denied'],
    [answers({ NetworkInterfaces: [] }), 'not found'],
    [answers({ NetworkInterfaces: 'broken' }), 'not found'],
    [answers({ NetworkInterfaces: [] }, false), 'failed'],
  ])('writes down why there is no name when EC2 answers %j', async (answer, reason) => {
    const { describe } = ec2({ interfaces: answer, holders: answer });
    const found = await lookUpNames(
      [ofInterface, ofAddress, { ...ofAddress, place: other }],
      new Map(),
      describe,
      5000,
    );
    expect([...found.values()].map(({ missing }) => missing)).toEqual(
      Array.from({ length: 3 }, () => ({ reason, time: 5000 })),
    );
  });

  it('names the instance without its tags when only the instances are refused, and looks it up again', async () => {
    const { describe } = ec2({ instances: { refused: 'denied' } });
    const found = await lookUpNames([ofInterface], new Map(), describe, 5000);
    expect([...found.values()]).toMatchObject([
      { holder: { interface: eni, id: 'i-0a' }, missing: { reason: 'denied', time: 5000 } },
    ]);
  });
});
