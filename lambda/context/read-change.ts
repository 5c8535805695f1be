import { defined } from '../common/defined.ts';
import type { Json } from '../common/json-value.ts';
import { type ApiCall, idsOf, readCall } from './api-call.ts';
import { accountOf, addressOf, awsMember, elementsOf, eventIdOf, lineOf, regionOf, timeOf } from './aws-json.ts';
import { meaningOf } from './change-events.ts';
import { readCallHosts } from './change-hosts.ts';
import type { NetworkChange } from './context-event.ts';

/** What a record of CloudTrail reads as. */
export type ReadChange =
  | { readonly change: NetworkChange }
  | { readonly ignored: 'not a network change' | 'failed' | 'read only' }
  | { readonly problem: string };

/**
 * Reads a record of CloudTrail: `detail` of an EventBridge event, or a record of a log file (CloudTrail User Guide,
 * "CloudTrail record contents"). Ignores a call that changes nothing. What is not required and has another form is left
 * out: required are the id, the account, the Region and the time. Never throws.
 */
export function readChange(record: Json): ReadChange {
  const member = (...path: string[]) => awsMember(record, ...path);
  const [service, event] = [member('eventSource'), member('eventName')];
  if (typeof service !== 'string' || typeof event !== 'string') {
    return { problem: 'the record has no eventSource or no eventName' };
  }
  const meaning = meaningOf(service, event);
  if (!meaning) return { ignored: 'not a network change' };
  if (member('readOnly') === true) return { ignored: 'read only' };
  if (member('errorCode') !== undefined) return { ignored: 'failed' };

  const id = eventIdOf(member('eventID'));
  const account = accountOf(member('recipientAccountId')) ?? accountOf(member('userIdentity', 'accountId'));
  const region = regionOf(member('awsRegion'));
  const time = timeOf(member('eventTime'));
  if (id === undefined) return { problem: 'the record has no valid eventID' };
  if (account === undefined) return { problem: 'the record has no valid recipientAccountId' };
  if (region === undefined) return { problem: 'the record has no valid awsRegion' };
  if (time === undefined) return { problem: 'the record has no valid eventTime' };

  const call = readCall(event, record);
  if (isRefused(call)) return { ignored: 'failed' };
  const identity = member('userIdentity');
  const from = member('sourceIPAddress');
  const isByService = awsMember(identity, 'type') === 'AWSService';
  // The hosts of a change to hosts have its groups, subnets and VPCs.
  const named = (prefix: 'sg' | 'acl' | 'rtb' | 'subnet' | 'vpc') =>
    meaning.group === 'host' ? [] : idsOf(call, resourceNames, prefix);
  const change: NetworkChange = defined({
    kind: 'change' as const,
    id,
    account,
    region,
    time,
    event,
    service,
    group: meaning.group,
    who: whoIs(identity),
    via: isByService ? undefined : lineOf(awsMember(identity, 'invokedBy'), 128),
    from: addressOf(from) ?? lineOf(from, 128),
    text: lineOf(meaning.text(call), 300) ?? event,
    openings: meaning.openings?.(call) ?? [],
    hosts: readCallHosts(call),
    groups: named('sg'),
    acls: named('acl'),
    routeTables: named('rtb'),
    subnets: named('subnet'),
    vpcs: named('vpc'),
  });
  return { change };
}

/** The members of requests and answers that have ids of resources. */
const resourceNames = [
  'groupId',
  'securityGroupId',
  'addSecurityGroupId',
  'removeSecurityGroupId',
  'networkAclId',
  'routeTableId',
  'addRouteTableId',
  'removeRouteTableId',
  'subnetId',
  'subnetIds',
  'addSubnetId',
  'removeSubnetId',
  'vpcId',
  'peerVpcId',
  'resourceId',
];

/** Calls for flow logs succeed with a list of what failed (EC2 API Reference, "DeleteFlowLogs"): it may be all. */
function isRefused({ request, response }: ApiCall): boolean {
  const refused = elementsOf(awsMember(response, 'unsuccessful')).length;
  const asked = elementsOf(awsMember(request, 'flowLogId') ?? awsMember(request, 'resourceId')).length;
  return refused > 0 && refused >= asked;
}

/** Names who called (CloudTrail User Guide, "CloudTrail userIdentity element"). */
function whoIs(identity: Json): string {
  const text = (...path: string[]) => lineOf(awsMember(identity, ...path), 128);
  const arn = awsMember(identity, 'arn');
  const lastOfArn = typeof arn === 'string' ? lineOf(arn.slice(arn.lastIndexOf('/') + 1), 128) : undefined;
  const type = awsMember(identity, 'type');
  if (type === 'Root') return 'root';
  if (type === 'AWSService') return text('invokedBy') ?? 'a service of AWS';
  const role = type === 'AssumedRole' ? text('sessionContext', 'sessionIssuer', 'userName') : undefined;
  if (role !== undefined) return lastOfArn === undefined ? role : `${role}/${lastOfArn}`;
  return text('userName') ?? lastOfArn ?? accountText(identity) ?? text('type') ?? 'unknown';
}

function accountText(identity: Json): string | undefined {
  const account = accountOf(awsMember(identity, 'accountId'));
  return account === undefined ? undefined : `account ${account}`;
}
