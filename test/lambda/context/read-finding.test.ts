import { describe, expect, it } from 'vitest';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { readFinding } from '../../../lambda/context/read-finding.ts';
import { eventTime, findingOf, rawInterface, remoteDetails, timeAfter } from '../../support/context-events.ts';

const [instance, eni] = ['i-0a1b2c3d4e5f60718', 'eni-0a1b2c3d4e5f60718'];

function read(detail: unknown): GuardDutyFinding {
  const result = readFinding(detail);
  if ('problem' in result) throw new Error(result.problem);
  return result.finding;
}

/** Returns a finding whose action is replaced as a whole. */
function withAction(action: unknown, values: Readonly<Record<string, unknown>> = {}): unknown {
  const finding = findingOf(values) as { service: object };
  return { ...finding, service: { ...finding.service, action } };
}

function pascalCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascalCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name[0]!.toUpperCase() + name.slice(1), pascalCase(inner)]),
  );
}

describe('readFinding', () => {
  it('reads a network connection', () => {
    expect(readFinding(findingOf())).toEqual({
      isSample: false,
      finding: {
        kind: 'finding',
        id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
        account: '111122223333',
        region: 'eu-west-1',
        type: 'UnauthorizedAccess:EC2/SSHBruteForce',
        severity: 5,
        level: 'medium',
        title: '203.0.113.9 is performing SSH brute force attacks against i-0a1b2c3d4e5f60718.',
        first: eventTime - 3700,
        last: eventTime - 60,
        updated: eventTime,
        count: 12,
        isIndependent: false,
        isArchived: false,
        hosts: [
          {
            instance,
            interface: eni,
            vpc: 'vpc-0a1b2c3d4e5f60718',
            subnet: 'subnet-0a1b2c3d4e5f60718',
            name: 'billing-worker-2',
            addresses: ['10.0.1.5'],
            groups: ['sg-0a1b2c3d4e5f60718'],
          },
        ],
        isOfInterface: true,
        direction: 'inbound',
        remotes: ['203.0.113.9'],
        remoteTimes: [eventTime],
        localPorts: [22],
        remotePorts: [32794],
      },
    });
  });

  it('reads the names of the AWS CLI, which begin with capital letters', () => {
    expect(readFinding(pascalCase(findingOf()))).toEqual(readFinding(findingOf()));
  });

  it('reads the only finding of a list', () => {
    expect(readFinding({ findings: [findingOf()] })).toEqual(readFinding(findingOf()));
    expect(readFinding({ findings: [findingOf(), findingOf()] })).toEqual({
      problem: 'the event has 2 findings, expected one',
    });
  });

  it.each([
    ['ISO 8601', timeAfter(0)],
    ['epoch milliseconds', (eventTime + 0.5) * 1000],
    ['epoch seconds', eventTime],
  ])('reads times in %s', (_, updatedAt) => {
    expect(read(findingOf({ updatedAt })).updated).toBe(eventTime);
  });

  it('takes the other times when one is missing', () => {
    const { first, last, updated } = read(
      findingOf({ updatedAt: 'yesterday', service: { eventFirstSeen: null, eventLastSeen: -1 } }),
    );
    expect({ first, last, updated }).toEqual({
      first: eventTime - 3600,
      last: eventTime - 3600,
      updated: eventTime - 3600,
    });
  });

  it.each([
    [1, 'low'],
    [3.9, 'low'],
    [4, 'medium'],
    [6.9, 'medium'],
    [7, 'high'],
    [8.9, 'high'],
    [9, 'critical'],
    ['10', 'critical'],
  ])('gives the severity %j the level %s', (severity, level) => {
    expect(read(findingOf({ severity })).level).toBe(level);
  });

  it.each([
    ['UnauthorizedAccess:EC2/TorRelay', false],
    ['Backdoor:EC2/C&CActivity.B', false],
    ['Backdoor:EC2/C&CActivity.B!DNS', true],
    ['Execution:Runtime/NewBinaryExecuted', true],
    ['Behavior:EC2/SomethingNew', false],
    ['DefenseEvasion:EC2/UnusualDoHActivity', false],
  ])('knows whether %s comes from other data than flow logs', (type, isIndependent) => {
    expect(read(findingOf({ type })).isIndependent).toBe(isIndependent);
  });

  it('takes a type of EC2 without an action of the network as one of other data', () => {
    const malware = findingOf({ type: 'Execution:EC2/MaliciousFile', service: { action: { actionType: null } } });
    expect(read(malware).isIndependent).toBe(true);
  });

  describe('the local interface', () => {
    const second = rawInterface({
      networkInterfaceId: 'eni-0b',
      privateIpAddress: '10.0.2.5',
      privateIpAddresses: [{ privateIpAddress: '10.0.2.6' }],
      ipv6Addresses: ['2001:DB8::5'],
    });
    const hostsOf = (connection: object, networkInterfaces: unknown = [rawInterface(), second]) => {
      const { hosts, isOfInterface } = read(
        findingOf({
          resource: { instanceDetails: { networkInterfaces } },
          service: { action: { networkConnectionAction: connection } },
        }),
      );
      return [hosts.map((host) => host.interface), isOfInterface];
    };

    it('is the one that the action names', () => {
      const localIpDetails = { ipAddressV4: '10.0.1.5' };
      expect(hostsOf({ localNetworkInterface: 'eni-0b', localIpDetails })).toEqual([['eni-0b'], true]);
      expect(hostsOf({ localNetworkInterface: 'eni-0c', localIpDetails })).toEqual([['eni-0c'], true]);
    });

    it.each([
      { ipAddressV4: '10.0.2.5' },
      { ipAddressV4: '10.0.2.6' },
      { ipAddressV4: null, ipAddressV6: '2001:db8:0::5' },
    ])('is the one that has the local address of %j', (localIpDetails) => {
      expect(hostsOf({ localIpDetails })).toEqual([['eni-0b'], true]);
    });

    it('is the only one of the instance when none has the local address', () => {
      expect(hostsOf({ localIpDetails: { ipAddressV4: '10.9.9.9' } }, [second])).toEqual([['eni-0b'], true]);
    });

    it('is any of several when the finding does not say which', () => {
      expect(hostsOf({ localIpDetails: null })).toEqual([[eni, 'eni-0b'], false]);
    });

    it('is unknown when the finding describes no interface', () => {
      const { hosts, isOfInterface } = read(findingOf({ resource: { instanceDetails: { networkInterfaces: null } } }));
      expect(hosts).toEqual([{ instance, name: 'billing-worker-2', addresses: ['10.0.1.5'], groups: [] }]);
      expect(isOfInterface).toBe(false);
    });
  });

  it('reads the outside addresses and ports of a port probe', () => {
    const probe = (port: number, address: string) => ({
      localPortDetails: { port, portName: 'Unknown' },
      remoteIpDetails: remoteDetails(address),
    });
    const portProbeDetails = [probe(9200, '203.0.113.9'), probe(22, '203.0.113.9'), probe(22, '198.51.100.4')];
    const finding = read(
      withAction({ actionType: 'PORT_PROBE', portProbeAction: { blocked: false, portProbeDetails } }),
    );
    expect(finding).toMatchObject({
      direction: 'inbound',
      remotes: ['198.51.100.4', '203.0.113.9'],
      localPorts: [22, 9200],
      remotePorts: [],
      isOfInterface: true,
    });
  });

  it('reads the domain of a DNS request', () => {
    const finding = read(withAction({ actionType: 'DNS_REQUEST', dnsRequestAction: { domain: 'C2.Example.COM.' } }));
    expect(finding).toMatchObject({ domain: 'c2.example.com', remotes: [], isOfInterface: true });
    expect(finding).not.toHaveProperty('direction');
  });

  it('reads the caller of an API call', () => {
    const action = { actionType: 'AWS_API_CALL', awsApiCallAction: { remoteIpDetails: remoteDetails('203.0.113.8') } };
    expect(read(withAction(action)).remotes).toEqual(['203.0.113.8']);
  });

  it('reads a finding with an empty action', () => {
    expect(read(withAction({}))).toMatchObject({ remotes: [], localPorts: [], hosts: [{ interface: eni }] });
  });

  it('reads IPv6 addresses in their canonical spelling', () => {
    const remoteIpDetails = { ipAddressV4: '', ipAddressV6: '2001:DB8:0:0::9' };
    const finding = findingOf({ service: { action: { networkConnectionAction: { remoteIpDetails } } } });
    expect(read(finding).remotes).toEqual(['2001:db8::9']);
  });

  it.each(['RDSDBInstance', 'EKSCluster', 'S3Bucket', 'AccessKey'])(
    'finds no host in a finding about %s',
    (resourceType) => {
      const finding = {
        ...findingOf(),
        resource: { resourceType, rdsDbInstanceDetails: { dbInstanceIdentifier: 'db' } },
      };
      expect(read(finding)).toMatchObject({ hosts: [], isOfInterface: false });
    },
  );

  it('finds the instances and addresses of an attack sequence', () => {
    const sequence = {
      uid: '0a',
      signals: [{ uid: '0b', endpointIds: ['0c'] }],
      actors: [{ id: '0d', process: { name: 'sh' } }],
      endpoints: [
        { id: '0c', ip: '203.0.113.9', port: 443 },
        { id: '0e', ip: '10.0.1.5' },
      ],
      resources: [
        { uid: `arn:aws:ec2:eu-west-1:111122223333:instance/${instance}`, resourceType: 'EC2_INSTANCE' },
        { uid: eni, data: { ec2NetworkInterface: { publicIp: '198.51.100.7', ipv6Addresses: ['2001:db8::5'] } } },
      ],
    };
    const values = {
      type: 'AttackSequence:EC2/CompromisedInstanceGroup',
      severity: 8,
      service: { detection: { sequence } },
    };
    const finding = Object.assign({}, withAction(null, values), { resource: { resourceType: 'AttackSequence' } });
    expect(read(finding)).toMatchObject({
      level: 'critical',
      isIndependent: true,
      isOfInterface: false,
      hosts: [{ addresses: ['10.0.1.5'] }, { addresses: ['2001:db8::5'] }, { interface: eni }, { instance }],
      remotes: ['203.0.113.9'],
    });
  });

  it.each([
    { sample: true },
    { value: '{"sample":true}', type: 'default' },
    { sample: true, value: '{"unusual":1}' },
    '{"sample":true}',
  ])('tells a sample finding by %j', (additionalInfo) => {
    expect(readFinding(findingOf({ service: { additionalInfo } }))).toMatchObject({ isSample: true });
  });

  it.each([undefined, null, { sample: 'true' }, { value: '{"sample":' }, { value: '{"sample":false}' }, 'sample'])(
    'does not take %j for the mark of a sample',
    (additionalInfo) => {
      expect(readFinding(findingOf({ service: { additionalInfo } }))).toMatchObject({ isSample: false });
    },
  );

  it.each([
    [{ id: undefined }, 'the finding has no valid id'],
    [{ id: 'a\u0000b' }, 'the finding has no valid id'],
    [{ accountId: 111122223333 }, 'the finding has no valid accountId'],
    [{ region: 'eu west' }, 'the finding has no valid region'],
    [{ type: '' }, 'the finding has no type'],
    [{ severity: 'high' }, 'the finding has no severity from 0 to 10'],
    [{ severity: 11 }, 'the finding has no severity from 0 to 10'],
    [{ createdAt: 0, updatedAt: 0, service: null }, 'the finding has no valid time'],
  ])('says what is wrong with %j', (values, problem) => {
    expect(readFinding(findingOf(values))).toEqual({ problem });
  });

  it('cleans and bounds texts of a finding', () => {
    const title = `a\r\nb\u001b[31m${'x'.repeat(10_000)}`;
    const finding = read(
      findingOf({ title, resource: { instanceDetails: { tags: [{ key: 'Name', value: title }] } } }),
    );
    for (const text of [finding.title, finding.hosts[0]!.name]) {
      expect(text).toMatch(/^a b\?\[31mx+\.\.\.$/);
      expect(text!.length).toBeLessThanOrEqual(256);
    }
  });

  it('bounds the lists of a finding', () => {
    const addresses = Array.from({ length: 300 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
    const portProbeDetails = addresses.map((address, port) => ({
      localPortDetails: { port },
      remotePortDetails: { port },
      remoteIpDetails: { ipAddressV4: address },
    }));
    const networkInterfaces = addresses.map((privateIpAddress, index) =>
      rawInterface({
        networkInterfaceId: `eni-${index}`,
        privateIpAddress,
        ipv6Addresses: addresses,
        securityGroups: addresses.map((_, group) => ({ groupId: `sg-${group}` })),
      }),
    );
    const { hosts, remotes, localPorts, remotePorts } = read(
      withAction({ portProbeAction: { portProbeDetails } }, { resource: { instanceDetails: { networkInterfaces } } }),
    );
    expect([hosts.length, remotes.length, localPorts.length, remotePorts.length]).toEqual([200, 20, 20, 20]);
    expect([hosts[0]!.addresses.length, hosts[0]!.groups.length]).toEqual([100, 16]);
  });
});
