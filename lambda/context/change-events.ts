import { type ApiCall, fillIn, shortList, valuesOf } from './api-call.ts';
import { awsMember, elementsOf, lineOf } from './aws-json.ts';
import type { ChangeGroup, Opening } from './context-event.ts';
import { maskedNetwork } from './read-openings.ts';
import {
  aclEntryText,
  aclOpenings,
  modifiedRules,
  modifiedText,
  rulesOfCall,
  rulesText,
} from './security-group-change.ts';

/** What an API call means to the network. */
export interface ChangeMeaning {
  readonly group: ChangeGroup;
  /** What was done, without who and when. */
  readonly text: (call: ApiCall) => string;
  /** What the call lets through; absent if it opens nothing. */
  readonly openings?: (call: ApiCall) => Opening[];
}

type Meanings = Readonly<Record<string, ChangeMeaning>>;

/** What each event is about; a text is a template of fillIn. */
function about(group: ChangeGroup, texts: Readonly<Record<string, string | ((call: ApiCall) => string)>>): Meanings {
  return Object.fromEntries(
    Object.entries(texts).map(([event, text]) => [
      event,
      { group, text: typeof text === 'string' ? (call: ApiCall) => fillIn(text, call) : text },
    ]),
  );
}

const opened = (call: ApiCall) => rulesText(call, 'opened');
const closed = (call: ApiCall) => rulesText(call, 'closed');

const securityGroups: Meanings = {
  AuthorizeSecurityGroupIngress: { group: 'security group', text: opened, openings: rulesOfCall },
  AuthorizeSecurityGroupEgress: { group: 'security group', text: opened, openings: rulesOfCall },
  ModifySecurityGroupRules: { group: 'security group', text: modifiedText, openings: modifiedRules },
  ...about('security group', {
    RevokeSecurityGroupIngress: closed,
    RevokeSecurityGroupEgress: closed,
    CreateSecurityGroup: 'security group {groupId} created[ in {vpcId}]',
    DeleteSecurityGroup: 'security group {groupId|groupName} deleted',
  }),
};

const networkAcls: Meanings = {
  CreateNetworkAclEntry: { group: 'network ACL', text: aclEntryText, openings: aclOpenings },
  ReplaceNetworkAclEntry: { group: 'network ACL', text: aclEntryText, openings: aclOpenings },
  ...about('network ACL', {
    DeleteNetworkAclEntry: aclEntryText,
    CreateNetworkAcl: 'network ACL {networkAclId} created[ in {vpcId}]',
    DeleteNetworkAcl: 'network ACL {networkAclId} deleted',
    ReplaceNetworkAclAssociation: 'network ACL {networkAclId} put in place of another one',
  }),
};

const destination = '{destinationCidrBlock|destinationIpv6CidrBlock|destinationPrefixListId}';
const routeTargets = [
  'natGatewayId',
  'gatewayId',
  'egressOnlyInternetGatewayId',
  'transitGatewayId',
  'vpcPeeringConnectionId',
  'vpcEndpointId',
  'networkInterfaceId',
  'instanceId',
  'localGatewayId',
  'carrierGatewayId',
  'coreNetworkArn',
].join('|');

/** A route lets out whatever goes to its destination. */
function routeOpenings({ request }: ApiCall): Opening[] {
  const networks = [awsMember(request, 'destinationCidrBlock'), awsMember(request, 'destinationIpv6CidrBlock')];
  return networks.flatMap((network): Opening[] => {
    const cidr = maskedNetwork(network);
    return cidr === undefined ? [] : [{ direction: 'egress', from: 0, to: 65_535, peer: { cidr } }];
  });
}

const newRoute = `route of {routeTableId} to ${destination} by {${routeTargets}}`;
const changedRoute = `route of {routeTableId} to ${destination} changed, now by {${routeTargets}}`;

const routes: Meanings = {
  CreateRoute: { group: 'route', text: (call) => fillIn(newRoute, call), openings: routeOpenings },
  ReplaceRoute: { group: 'route', text: (call) => fillIn(changedRoute, call), openings: routeOpenings },
  ...about('route', {
    DeleteRoute: `route of {routeTableId} to ${destination} deleted`,
    AssociateRouteTable: 'route table {routeTableId} associated with {subnetId|gatewayId}',
    DisassociateRouteTable: 'association {associationId} of a route table ended',
    ReplaceRouteTableAssociation: 'route table {routeTableId} put in place of another one',
  }),
};

const waysOut = about('way out', {
  CreateInternetGateway: 'internet gateway {internetGatewayId} created',
  AttachInternetGateway: 'internet gateway {internetGatewayId} attached to {vpcId}',
  CreateEgressOnlyInternetGateway: 'egress-only internet gateway {egressOnlyInternetGatewayId} created[ in {vpcId}]',
  CreateNatGateway: 'NAT gateway {natGatewayId} created[ in {subnetId}]',
  CreateVpcPeeringConnection: 'VPC peering {vpcPeeringConnectionId} requested[ for {vpcId}]',
  AcceptVpcPeeringConnection: 'VPC peering {vpcPeeringConnectionId} accepted[ for {vpcId}]',
  CreateTransitGatewayVpcAttachment: 'transit gateway {transitGatewayId} attached to {vpcId}',
  CreateVpcEndpoint: 'VPC endpoint {vpcEndpointId} created[ in {vpcId}][ for {serviceName}]',
  ModifyVpcEndpoint: 'VPC endpoint {vpcEndpointId} changed',
  ModifyVpcBlockPublicAccessOptions: 'Block Public Access of the Region set to {internetGatewayBlockMode}',
  CreateVpcBlockPublicAccessExclusion:
    '{subnetId|vpcId} excluded from Block Public Access[ with {internetGatewayExclusionMode}]',
});

const instanceAttributes: readonly (readonly [member: string, text: string])[] = [
  ['userData', 'user data of {instanceId} changed'],
  ['groupSet', 'security groups of {instanceId} set to {groupId}'],
  ['sourceDestCheck', 'source/destination check of {instanceId} switched'],
  ['disableApiTermination', 'termination protection of {instanceId} switched'],
];

const interfaceAttributes: readonly (readonly [member: string, text: string])[] = [
  ['groupSet', 'security groups of {networkInterfaceId} set to {groupId}'],
  ['sourceDestCheck', 'source/destination check of {networkInterfaceId} switched'],
  ['attachment', 'attachment of {networkInterfaceId} changed'],
];

/** Formats the change of the first attribute that a request has, with `on` or `off` for a switch. */
function attributeText(call: ApiCall, attributes: typeof instanceAttributes, otherwise: string): string {
  const { request } = call;
  const named = lineOf(awsMember(request, 'attribute'), 64);
  const [member, text] = attributes.find(([one]) => one === named || awsMember(request, one) !== undefined) ?? [];
  if (member === undefined || text === undefined) return fillIn(otherwise, call);
  const value = awsMember(request, member, 'value') ?? awsMember(request, 'value');
  const isSwitch = text.endsWith('switched') && (typeof value === 'boolean' || value === 'true' || value === 'false');
  return fillIn(text, call) + (isSwitch ? ` ${String(value) === 'true' ? 'on' : 'off'}` : '');
}

/** `instance profile arn:... of i-0aa` */
function profileText(call: ApiCall): string {
  const found = [call.request, awsMember(call.response, 'iamInstanceProfileAssociation')]
    .map((part) => awsMember(part, 'iamInstanceProfile'))
    .flatMap((profile) => lineOf(awsMember(profile, 'name') ?? awsMember(profile, 'arn'), 150) ?? []);
  return `instance profile of ${fillIn('{instanceId}', call)} set to ${found[0] ?? '(not named)'}`;
}

const hosts = about('host', {
  RunInstances: '{instanceId} launched[ in {subnetId}]',
  StartInstances: '{instanceId} started',
  StopInstances: '{instanceId} stopped',
  TerminateInstances: '{instanceId} terminated',
  ModifyInstanceAttribute: (call) => attributeText(call, instanceAttributes, 'attribute of {instanceId} changed'),
  ModifyNetworkInterfaceAttribute: (call) =>
    attributeText(call, interfaceAttributes, 'attribute of {networkInterfaceId} changed'),
  AssociateAddress: 'public address {publicIp|allocationId} given to {networkInterfaceId|instanceId}',
  DisassociateAddress: 'public address {publicIp|associationId} taken away',
  CreateNetworkInterface: 'network interface {networkInterfaceId} created[ in {subnetId}]',
  AttachNetworkInterface: 'network interface {networkInterfaceId} attached to {instanceId}',
  DetachNetworkInterface: 'network interface detached, attachment {attachmentId}',
  DeleteNetworkInterface: 'network interface {networkInterfaceId} deleted',
  AssignPrivateIpAddresses: 'private addresses given to {networkInterfaceId}[: {privateIpAddress}]',
  UnassignPrivateIpAddresses: 'private addresses taken from {networkInterfaceId}[: {privateIpAddress}]',
  AssociateIamInstanceProfile: profileText,
  ReplaceIamInstanceProfileAssociation: profileText,
});

/** `command AWS-RunShellScript sent to i-0aa`; targets by tags name no instance. */
function commandText(call: ApiCall): string {
  const document = fillIn('command[ {documentName}] sent to', call);
  if (valuesOf(call, 'instanceIds').length > 0) return `${document} ${fillIn('{instanceIds}', call)}`;
  const keys = elementsOf(awsMember(call.request, 'targets')).flatMap((one) => lineOf(awsMember(one, 'key'), 64) ?? []);
  return `${document} ${keys.length > 0 ? `instances by ${shortList(keys)}` : '(not named)'}`;
}

/** What an update of a detector means: its first word is whether GuardDuty still runs. */
function detectorText(call: ApiCall): string {
  const isOff = awsMember(call.request, 'enable') === false;
  return fillIn(`GuardDuty detector {detectorId} ${isOff ? 'switched off' : 'changed'}`, call);
}

const meanings: Readonly<Record<string, Meanings>> = {
  'ec2.amazonaws.com': {
    ...securityGroups,
    ...networkAcls,
    ...routes,
    ...waysOut,
    ...hosts,
    ...about('way in', { EnableSerialConsoleAccess: 'serial console of EC2 enabled in the Region' }),
    ...about('eyes', {
      DeleteFlowLogs: 'flow log {flowLogId} deleted',
      CreateFlowLogs: 'flow log {flowLogIdSet} created[ for {resourceId}]',
      CreateTrafficMirrorSession: 'traffic mirror session {trafficMirrorSessionId} created[ for {networkInterfaceId}]',
      CreateTrafficMirrorTarget: 'traffic mirror target {trafficMirrorTargetId} created',
      CreateTrafficMirrorFilter: 'traffic mirror filter {trafficMirrorFilterId} created',
    }),
  },
  'ec2-instance-connect.amazonaws.com': about('way in', {
    SendSSHPublicKey: 'SSH key sent to {instanceId}[ for {instanceOSUser}]',
    SendSerialConsoleSSHPublicKey: 'SSH key sent to the serial console of {instanceId}',
  }),
  'ssm.amazonaws.com': about('way in', {
    StartSession: 'session started on {target}[ with {documentName}]',
    SendCommand: commandText,
  }),
  'guardduty.amazonaws.com': about('eyes', {
    DeleteDetector: 'GuardDuty detector {detectorId} deleted',
    UpdateDetector: detectorText,
    CreateIPSet: 'GuardDuty list of trusted addresses {name} created',
    UpdateIPSet: 'GuardDuty list of trusted addresses {name|ipSetId} changed',
    CreateFilter: 'GuardDuty filter {name} created[ with the action {action}]',
  }),
  'cloudtrail.amazonaws.com': about('eyes', {
    StopLogging: 'trail {name} stopped',
    DeleteTrail: 'trail {name} deleted',
    UpdateTrail: 'trail {name} changed',
    PutEventSelectors: 'event selectors of trail {trailName} changed',
  }),
  'config.amazonaws.com': about('eyes', {
    StopConfigurationRecorder: 'configuration recorder {configurationRecorderName} stopped',
    DeleteConfigurationRecorder: 'configuration recorder {configurationRecorderName} deleted',
  }),
};

/** The names of all events by their `eventSource`, for the patterns of EventBridge rules. */
export const changeEvents: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(meanings).map(([service, events]) => [service, Object.keys(events)]),
);

/** Returns what an event of a service means; undefined for an event that is no change of the network. */
export function meaningOf(service: string, event: string): ChangeMeaning | undefined {
  const events = Object.hasOwn(meanings, service) ? meanings[service]! : {};
  return Object.hasOwn(events, event) ? events[event] : undefined;
}
