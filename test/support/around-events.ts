import type { GuardDutyFinding, NetworkChange } from '../../lambda/context/context-event.ts';
import type { Scene } from '../../lambda/context/scene.ts';
import { epoch } from './flows.ts';

/** A host with one interface, as flows, findings and changes name it. */
export const host = {
  interface: 'eni-0a1b2c3d4e5f60718',
  instance: 'i-0a1b2c3d4e5f60718',
  vpc: 'vpc-0a1b2c3d4e5f60718',
  subnet: 'subnet-0a1b2c3d4e5f60718',
  addresses: ['10.0.3.30'],
  groups: ['sg-0a1b2c3d4e5f60718'],
};

/** A finding from DNS logs about the host, an hour before the window of `sceneOf`. */
export function findingWith(changes: Partial<GuardDutyFinding> = {}): GuardDutyFinding {
  return {
    kind: 'finding',
    id: '1ab2c3d4e5f60718293a4b5c6d7e8f90',
    account: '111122223333',
    region: 'eu-west-1',
    type: 'Backdoor:EC2/C&CActivity.B!DNS',
    severity: 8,
    level: 'high',
    title: 'A command and control domain was queried',
    first: epoch - 7200,
    last: epoch - 3600,
    updated: epoch - 3500,
    count: 3,
    isIndependent: true,
    isArchived: false,
    hosts: [host],
    isOfInterface: true,
    remotes: [],
    localPorts: [],
    remotePorts: [],
    domain: 'c2.example.com',
    ...changes,
  };
}

/** A change that opens a group of the host to the world for tcp 443 outward, ten minutes before the window of `sceneOf`. */
export function changeWith(changes: Partial<NetworkChange> = {}): NetworkChange {
  return {
    kind: 'change',
    id: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
    account: '111122223333',
    region: 'eu-west-1',
    time: epoch - 600,
    event: 'AuthorizeSecurityGroupEgress',
    service: 'ec2.amazonaws.com',
    group: 'security group',
    who: 'deploy/session',
    from: '203.0.113.9',
    text: 'sg-0a1b2c3d4e5f60718 opened to 0.0.0.0/0 for tcp 443 (egress)',
    openings: [{ direction: 'egress', protocol: 6, from: 443, to: 443, peer: { cidr: '0.0.0.0/0' } }],
    hosts: [host],
    groups: ['sg-0a1b2c3d4e5f60718'],
    acls: [],
    routeTables: [],
    subnets: [],
    vpcs: [],
    ...changes,
  };
}

/** An alert about the host: an hour of flows to an outside address by tcp 443. */
export function sceneWith(changes: Partial<Scene> = {}): Scene {
  return {
    uid: 'a'.repeat(32),
    level: 'high',
    mayRaise: true,
    reads: [],
    own: [],
    tactics: ['exfiltration'],
    from: epoch,
    to: epoch + 3600,
    first: epoch,
    since: epoch,
    account: '111122223333',
    region: 'eu-west-1',
    interfaces: [host.interface],
    instances: [host.instance],
    subnets: [host.subnet],
    vpcs: [host.vpc],
    hosts: [{ address: '10.0.3.30', interface: host.interface, instance: host.instance, isActive: true }],
    remotes: ['198.51.100.47'],
    flows: [{ host: '10.0.3.30', peer: '198.51.100.47', hostPort: 50_000, peerPort: 443, protocol: 6, opener: 'host' }],
    ...changes,
  };
}
