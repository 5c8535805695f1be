import type { ContextSchedule, PlannedEvent, PlannedFinding } from './context-schedule.ts';
import { begin } from './scenario.ts';

/** The interface that logs all flows of a scenario, and its only host inside: see insideHost in scenario.ts. */
const host = { networkInterfaceId: 'eni-0a1b2c3d4e5f60718', privateIpAddress: '10.1.0.0' };
const otherHost = { networkInterfaceId: 'eni-0f1e2d3c4b5a69788', privateIpAddress: '10.9.0.1' };

const [account, region] = ['123456789012', 'us-east-1'];
const group = 'sg-0a1b2c3d4e5f60718';

/** The answer of EC2 about the group: the interface of all flows has it. */
export const describedInterfaces = {
  NetworkInterfaces: [
    {
      NetworkInterfaceId: host.networkInterfaceId,
      PrivateIpAddress: host.privateIpAddress,
      Groups: [{ GroupId: group }],
    },
  ],
};

/** Returns the id of a finding, and of a change. */
export const findingId = (number: number) => `${number}`.repeat(32);
const changeId = (number: number) => `0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f${number}`;

/** Returns the time, the count and the outside address of a state of a finding. Times are epoch seconds. */
export function stateOf(state: number) {
  return {
    updated: begin + 3600 + 600 * state,
    last: begin + 3000 + state,
    count: state + 1,
    remote: `10.2.0.${state}`,
  };
}

const timeText = (seconds: number) => new Date(seconds * 1000).toISOString();

/** Returns the event that EventBridge delivers. */
export function eventOf(event: PlannedEvent, { findings }: ContextSchedule): unknown {
  return 'change' in event ? changeEvent(event.change) : findingEvent(event.finding, event.state, findings);
}

function findingEvent(number: number, state: number, findings: readonly PlannedFinding[]): unknown {
  const { isIndependent, isOfHost, severities } = findings[number]!;
  const { updated, last, count, remote } = stateOf(state);
  return {
    ...{ 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', account, region },
    detail: {
      ...{ id: findingId(number), accountId: account, region },
      type: isIndependent ? 'Backdoor:EC2/C&CActivity.B!DNS' : 'Trojan:EC2/DropPoint',
      severity: severities[state],
      title: `finding ${number}`,
      ...{ createdAt: timeText(begin), updatedAt: timeText(updated) },
      resource: {
        resourceType: 'Instance',
        instanceDetails: { networkInterfaces: [isOfHost ? host : otherHost] },
      },
      service: {
        action: {
          actionType: 'NETWORK_CONNECTION',
          networkConnectionAction: {
            connectionDirection: 'OUTBOUND',
            localPortDetails: { port: 40_000 },
            remotePortDetails: { port: 22 },
            remoteIpDetails: { ipAddressV4: remote },
          },
        },
        ...{ eventFirstSeen: timeText(begin), eventLastSeen: timeText(last), count, archived: false },
      },
    },
  };
}

/** Returns the event of a change: the group of the host is opened for the flows, or flow logs are deleted. */
function changeEvent(number: number): unknown {
  const opened = {
    eventName: 'AuthorizeSecurityGroupEgress',
    requestParameters: {
      groupId: group,
      ipPermissions: {
        items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }],
      },
    },
  };
  const deleted = {
    eventName: 'DeleteFlowLogs',
    requestParameters: { DeleteFlowLogsRequest: { FlowLogId: 'fl-0a1b2c3d' } },
  };
  return {
    ...{ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', account, region },
    detail: {
      ...{ eventID: changeId(number), eventTime: timeText(begin - 100 + number), eventSource: 'ec2.amazonaws.com' },
      ...{ awsRegion: region, recipientAccountId: account, readOnly: false },
      userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${account}:assumed-role/deploy/run` },
      responseElements: { _return: true },
      ...(number === 0 ? opened : deleted),
    },
  };
}
