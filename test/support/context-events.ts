type Values = Readonly<Record<string, unknown>>;

/** The time of the events: 2026-11-30T06:00:00Z in epoch seconds. */
export const eventTime = 1_796_018_400;

/** Returns a time in the spelling of AWS. @param offset seconds after the time of the events */
export function timeAfter(offset: number): string {
  return new Date((eventTime + offset) * 1000).toISOString();
}

/**
 * Returns a GuardDuty finding as EventBridge delivers it in `detail`: an SSH brute force attack from 203.0.113.9 on the
 * interface eni-0a1b2c3d4e5f60718 of the instance i-0a1b2c3d4e5f60718.
 *
 * @param values replace members; the members of objects one by one, at each level
 */
export function findingOf(values: Values = {}): Values {
  return withValues(
    {
      schemaVersion: '2.0',
      accountId: '111122223333',
      region: 'eu-west-1',
      partition: 'aws',
      id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
      arn: 'arn:aws:guardduty:eu-west-1:111122223333:detector/0a/finding/0a1b2c3d4e5f60718293a4b5c6d7e8f9',
      type: 'UnauthorizedAccess:EC2/SSHBruteForce',
      severity: 5,
      createdAt: timeAfter(-3600),
      updatedAt: timeAfter(0),
      title: '203.0.113.9 is performing SSH brute force attacks against i-0a1b2c3d4e5f60718.',
      description: '203.0.113.9 is performing SSH brute force attacks against i-0a1b2c3d4e5f60718.',
      resource: {
        resourceType: 'Instance',
        instanceDetails: {
          instanceId: 'i-0a1b2c3d4e5f60718',
          platform: null,
          networkInterfaces: [rawInterface()],
          tags: [
            { key: 'team', value: 'pay' },
            { key: 'Name', value: 'billing-worker-2' },
          ],
        },
      },
      service: {
        serviceName: 'guardduty',
        resourceRole: 'TARGET',
        action: {
          actionType: 'NETWORK_CONNECTION',
          networkConnectionAction: {
            connectionDirection: 'INBOUND',
            protocol: 'TCP',
            blocked: false,
            localPortDetails: { port: 22, portName: 'SSH' },
            remotePortDetails: { port: 32794, portName: 'Unknown' },
            localIpDetails: { ipAddressV4: '10.0.1.5' },
            remoteIpDetails: remoteDetails('203.0.113.9'),
          },
        },
        additionalInfo: { value: '{}', type: 'default' },
        evidence: null,
        eventFirstSeen: timeAfter(-3700),
        eventLastSeen: timeAfter(-60),
        archived: false,
        count: 12,
      },
    },
    values,
  );
}

/** Returns a network interface of a finding. @param values replace members */
export function rawInterface(values: Values = {}): Values {
  return {
    networkInterfaceId: 'eni-0a1b2c3d4e5f60718',
    privateIpAddress: '10.0.1.5',
    privateIpAddresses: [{ privateIpAddress: '10.0.1.5', privateDnsName: 'ip-10-0-1-5.ec2.internal' }],
    ipv6Addresses: [],
    publicIp: '198.51.100.7',
    subnetId: 'subnet-0a1b2c3d4e5f60718',
    vpcId: 'vpc-0a1b2c3d4e5f60718',
    securityGroups: [{ groupId: 'sg-0a1b2c3d4e5f60718', groupName: 'web' }],
    ...values,
  };
}

/** Returns `remoteIpDetails` of a finding. @param address IPv4 */
export function remoteDetails(address: string): Values {
  return {
    ipAddressV4: address,
    organization: { asn: '64500', asnOrg: 'Example Net', isp: 'Example', org: 'Example' },
    country: { countryName: 'Germany' },
    city: { cityName: '' },
    geoLocation: { lat: 0, lon: 0 },
  };
}

/**
 * Returns a record of CloudTrail: a call of the role `deploy` from 203.0.113.9.
 *
 * @param eventName such as `DeleteFlowLogs`
 * @param request `requestParameters`
 * @param response `responseElements`
 * @param values replace members; the members of objects one by one, at each level
 */
export function changeOf(eventName: string, request: unknown, response: unknown = null, values: Values = {}): Values {
  return withValues(
    {
      eventVersion: '1.09',
      eventID: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
      eventTime: '2026-11-30T06:00:00Z',
      eventSource: 'ec2.amazonaws.com',
      eventName,
      awsRegion: 'eu-west-1',
      recipientAccountId: '111122223333',
      readOnly: false,
      managementEvent: true,
      sourceIPAddress: '203.0.113.9',
      userAgent: 'aws-cli/2.0',
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::111122223333:assumed-role/deploy/run-7',
        accountId: '111122223333',
        sessionContext: {
          sessionIssuer: { type: 'Role', userName: 'deploy', arn: 'arn:aws:iam::111122223333:role/deploy' },
        },
      },
      requestParameters: request,
      responseElements: response,
    },
    values,
  );
}

/** Returns a record of AuthorizeSecurityGroupIngress: the group is open to the internet for a TCP port. */
export function openedGroup(group: string, port = 22): Values {
  const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port };
  return changeOf(
    'AuthorizeSecurityGroupIngress',
    {
      groupId: group,
      ipPermissions: {
        items: [
          { ...rule, groups: {}, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] }, ipv6Ranges: {}, prefixListIds: {} },
        ],
      },
    },
    {
      _return: true,
      securityGroupRuleSet: {
        items: [
          {
            groupOwnerId: '111122223333',
            groupId: group,
            securityGroupRuleId: 'sgr-0a1b2c3d4e5f60718',
            isEgress: false,
            ...rule,
            cidrIpv4: '0.0.0.0/0',
          },
        ],
      },
    },
  );
}

/** Returns an EventBridge event with a finding. @param values replace members of the event */
export function findingEvent(detail: unknown, values: Values = {}): Values {
  return { ...envelope('aws.guardduty', 'GuardDuty Finding', detail), ...values };
}

/** Returns an EventBridge event with a record of CloudTrail. @param values replace members of the event */
export function changeEvent(detail: unknown, values: Values = {}): Values {
  return { ...envelope('aws.ec2', 'AWS API Call via CloudTrail', detail), ...values };
}

function envelope(source: string, detailType: string, detail: unknown): Values {
  return {
    version: '0',
    id: '7d8e9f00-1a2b-3c4d-5e6f-708192a3b4c5',
    'detail-type': detailType,
    source,
    account: '111122223333',
    time: '2026-11-30T06:00:00Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  };
}

function withValues(base: Values, values: Values): Values {
  const replaced = Object.entries(values).map(([name, value]) => {
    const former = base[name];
    return [name, isObject(former) && isObject(value) ? withValues(former, value) : value];
  });
  return { ...base, ...Object.fromEntries(replaced) };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
