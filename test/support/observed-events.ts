import type { ObservedEvent } from '../../lambda/aggregate/event-deltas.ts';
import type { GuardDutyFinding, NamedInterface, NetworkChange } from '../../lambda/context/context-event.ts';
import { epoch } from './flows.ts';

/** The interface of a host in events. */
export const host: NamedInterface = {
  instance: 'i-0a1b2c3d4e5f60718',
  interface: 'eni-0a1b2c3d4e5f60718',
  vpc: 'vpc-0a1b2c3d4e5f60718',
  addresses: ['10.0.1.5'],
  groups: ['sg-0a1b2c3d4e5f60718'],
};

/** Returns a finding of GuardDuty on the host, as it is delivered and as it is read. */
export function finding(values: Partial<GuardDutyFinding> = {}, raw: Record<string, unknown> = {}): ObservedEvent {
  const event: GuardDutyFinding = {
    kind: 'finding',
    id: '1ab2c3d4e5f60718293a4b5c6d7e8f90',
    account: '111122223333',
    region: 'eu-west-1',
    type: 'Backdoor:EC2/C&CActivity.B!DNS',
    severity: 8,
    level: 'high',
    title: 'The host asks for a name of a command and control server.',
    first: epoch,
    last: epoch,
    updated: epoch,
    count: 1,
    isIndependent: true,
    isArchived: false,
    hosts: [host],
    isOfInterface: true,
    remotes: [],
    localPorts: [],
    remotePorts: [],
    ...values,
  };
  const networkInterfaces = event.hosts.map(({ addresses, vpc }) => ({
    privateIpAddress: addresses[0],
    privateIpAddresses: addresses.map((privateIpAddress) => ({ privateIpAddress })),
    vpcId: vpc,
  }));
  return {
    source: 'guardduty',
    event,
    raw: {
      accountId: event.account,
      region: event.region,
      id: event.id,
      type: event.type,
      severity: event.severity,
      resource: { resourceType: 'Instance', instanceDetails: { networkInterfaces } },
      ...raw,
    },
  };
}

/** Returns an API call that CloudTrail records, as it is delivered and as it is read. */
export function call(values: Partial<NetworkChange> = {}, raw: Record<string, unknown> = {}): ObservedEvent {
  const event: NetworkChange = {
    kind: 'change',
    id: '6e1c3a50-0000-4000-8000-000000000001',
    account: '111122223333',
    region: 'eu-west-1',
    time: epoch,
    event: 'DeleteFlowLogs',
    service: 'ec2.amazonaws.com',
    group: 'eyes',
    who: 'admin/alice-role',
    from: '203.0.113.9',
    text: 'flow log fl-0aa deleted',
    openings: [],
    hosts: [],
    groups: [],
    acls: [],
    routeTables: [],
    subnets: [],
    vpcs: [],
    ...values,
  };
  return {
    source: 'cloudtrail',
    event,
    raw: {
      eventID: event.id,
      eventName: event.event,
      eventSource: event.service,
      awsRegion: event.region,
      recipientAccountId: event.account,
      sourceIPAddress: event.from,
      userIdentity: { arn: `arn:aws:sts::${event.account}:assumed-role/${event.who}` },
      ...raw,
    },
  };
}

/** The text of a rule file with a detection of events. Selection is YAML. */
export function eventRule(service: 'cloudtrail' | 'guardduty', selection: string, name = 'some_event'): string {
  return `title: Some event\nname: ${name}\nlogsource: {product: aws, service: ${service}}\ndetection: {s: ${selection}, condition: s}\n`;
}
