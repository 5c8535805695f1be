import { createHash } from 'node:crypto';
import type { Interface } from '../network.ts';
import type { ContextEvents, Style } from '../scenario.ts';
import { at } from '../times.ts';

/** AWS's own account for examples in its documentation, and the Region of the corpus. */
const [account, region] = ['123456789012', 'us-east-1'];

/** The security groups of the hosts that events name. */
const groups = { web: 'sg-0a1b2c3d4e5f60711', application: 'sg-0a1b2c3d4e5f60722' };

/** The application server that is broken into, and the address of a public web server. */
const victim = '10.0.2.22';
const publicHost = '10.0.1.10';

/**
 * Creates what GuardDuty and CloudTrail say on the web shop's day. Deployments and probes are ordinary. Planted are a group that
 * is opened to the world, a finding from DNS logs on the opened host, and flow logs that are deleted.
 */
export function contextOfWebShop({ network }: Style): ContextEvents {
  const seenBy = (address: string) => network.interfaceOf(address)!;
  const deploys = [at(9, 5), at(13, 20), at(16, 45)].flatMap(deployment);
  const probes = [at(1), at(7), at(13), at(19)].map((time, n) => portProbe(seenBy(publicHost), time, n + 1));
  const deleted = { recipientAccountId: account, awsRegion: region, 'flowSentinel.who': 'admin/console' };
  const login = { from: at(2, 25), to: at(2, 34) };
  return {
    events: [
      ...deploys,
      ...probes,
      opened(groups.application, '0.0.0.0/0', 22, login.from, 'admin/console'),
      queried(seenBy(victim), at(2, 50), at(3, 30)),
      call('DeleteFlowLogs', at(15, 5), 'admin/console', {
        DeleteFlowLogsRequest: { FlowLogId: 'fl-0a1b2c3d4e5f60718' },
      }),
    ],
    interfaces: [
      described(seenBy(victim), victim, groups.application),
      described(seenBy(publicHost), publicHost, groups.web),
    ],
    labels: [
      // The change lets the login through, which raises the level from high.
      { rule: 'opened_to_world_and_used', key: { host: victim }, ...login, level: 'high' },
      { rule: 'finding_and_much_data', key: { host: victim }, from: at(2, 50), to: at(23, 30) },
      { rule: 'flow_logs_deleted', key: deleted, from: at(15, 5), to: at(15, 6) },
    ],
  };
}

/** Returns the calls of a deployment by CloudFormation: an instance, a group opened to the own network, a read. */
function deployment(time: number, number: number): unknown[] {
  const who = 'deploy/AWSCloudFormation';
  const instance = {
    instanceId: `i-0a1b2c3d4e5f6070${number}`,
    networkInterfaceSet: {
      items: [{ networkInterfaceId: `eni-0a1b2c3d4e5f6070${number}`, privateIpAddress: `10.0.2.4${number}` }],
    },
  };
  const started = call('RunInstances', time, who, {}, { instancesSet: { items: [instance] } });
  return [
    started,
    opened(groups.web, '10.0.0.0/8', 8080 + number, time + 60, who),
    call('DescribeInstances', time + 70, who, {}),
  ];
}

/** Returns AuthorizeSecurityGroupIngress for a TCP port. */
function opened(group: string, cidrIp: string, port: number, time: number, who: string): unknown {
  const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port, ipRanges: { items: [{ cidrIp }] } };
  return call('AuthorizeSecurityGroupIngress', time, who, { groupId: group, ipPermissions: { items: [rule] } });
}

/** Returns a successful call of EC2 as EventBridge delivers it. */
function call(
  eventName: string,
  time: number,
  who: string,
  request: object,
  response: object = { _return: true },
): unknown {
  const isByService = who.endsWith('CloudFormation');
  return {
    ...{ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', account, region, time: timeText(time) },
    detail: {
      ...{
        eventSource: 'ec2.amazonaws.com',
        eventName,
        eventTime: timeText(time),
        eventID: idOf(`${eventName} ${time}`),
      },
      ...{ awsRegion: region, recipientAccountId: account, readOnly: eventName.startsWith('Describe') },
      sourceIPAddress: isByService ? 'cloudformation.amazonaws.com' : '203.0.113.9',
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${account}:assumed-role/${who}`,
        sessionContext: { sessionIssuer: { type: 'Role', userName: who.split('/')[0] } },
        ...(isByService && { invokedBy: 'cloudformation.amazonaws.com' }),
      },
      ...{ requestParameters: request, responseElements: response },
    },
  };
}

/** Returns the n-th state of one low finding: somebody probes a port of a public host. */
function portProbe(one: Interface, time: number, count: number): unknown {
  const details = { localPortDetails: { port: 443 }, remoteIpDetails: { ipAddressV4: `198.19.210.${count}` } };
  const action = { actionType: 'PORT_PROBE', portProbeAction: { blocked: false, portProbeDetails: [details] } };
  return finding('Recon:EC2/PortProbeUnprotectedPort', 2, one, publicHost, action, [at(0, 40), time, count]);
}

/** Returns a finding from DNS logs: a host asked for the domain of a command-and-control server. */
function queried(one: Interface, first: number, last: number): unknown {
  const action = { actionType: 'DNS_REQUEST', dnsRequestAction: { domain: 'c2.example.com', protocol: 'UDP' } };
  return finding('Backdoor:EC2/C&CActivity.B!DNS', 8, one, victim, action, [first, last, 3]);
}

function finding(
  type: string,
  severity: number,
  { id, instance, subnet, vpc }: Interface,
  address: string,
  action: object,
  [first, last, count]: readonly [first: number, last: number, count: number],
): unknown {
  const interfaces = [{ networkInterfaceId: id, privateIpAddress: address, subnetId: subnet, vpcId: vpc }];
  return {
    ...{ 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', account, region, time: timeText(last + 300) },
    detail: {
      ...{ id: idOf(type).replaceAll('-', ''), accountId: account, region, type, severity, title: type },
      ...{ createdAt: timeText(first + 300), updatedAt: timeText(last + 300) },
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: instance, networkInterfaces: interfaces } },
      service: { action, eventFirstSeen: timeText(first), eventLastSeen: timeText(last), archived: false, count },
    },
  };
}

/** Returns an interface as DescribeNetworkInterfaces does. */
function described({ id, instance, subnet, vpc }: Interface, address: string, group: string): unknown {
  return {
    ...{ NetworkInterfaceId: id, PrivateIpAddress: address, SubnetId: subnet, VpcId: vpc },
    PrivateIpAddresses: [{ PrivateIpAddress: address }],
    Groups: [{ GroupId: group }],
    Attachment: { InstanceId: instance },
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Returns an id that a text always gets, in the form of a UUID. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
