import type { GuardDutyFinding } from './context-event.ts';
import { hostList, latestRemotes, portList, type Remote } from './finding-lists.ts';

/**
 * Joins two states of the same finding. GuardDuty replaces the outside address at each update, and EventBridge delivers in
 * any order and more than once: neither the order nor a repetition matters to the result, also of many states.
 *
 * The state that was updated last counts, for all but the lists and the time of the first event: the lists have the
 * elements of both states.
 */
export function mergeFindings(a: GuardDutyFinding, b: GuardDutyFinding): GuardDutyFinding {
  const latest = isLater(a, b) ? a : b;
  const remotes = latestRemotes([...remotesOf(a), ...remotesOf(b)]);
  return {
    ...latest,
    first: Math.min(a.first, b.first),
    isOfInterface: a.isOfInterface && b.isOfInterface,
    hosts: hostList([...a.hosts, ...b.hosts]),
    remotes: remotes.map(([address]) => address),
    remoteTimes: remotes.map(([, updated]) => updated),
    localPorts: portList([...a.localPorts, ...b.localPorts]),
    remotePorts: portList([...a.remotePorts, ...b.remotePorts]),
  };
}

function remotesOf({ remotes, remoteTimes = [], updated }: GuardDutyFinding): Remote[] {
  return remotes.map((address, index) => [address, remoteTimes[index] ?? updated]);
}

/** Two states with the same time are in the order of what else the later state decides. */
function isLater(a: GuardDutyFinding, b: GuardDutyFinding): boolean {
  const differences = [a.updated - b.updated, a.count - b.count, a.last - b.last, a.severity - b.severity];
  const difference = differences.find((one) => one !== 0);
  return difference === undefined ? textOfState(a) > textOfState(b) : difference > 0;
}

function textOfState({ account, region, type, title, isArchived, direction, domain }: GuardDutyFinding): string {
  return JSON.stringify([account, region, type, title, isArchived, direction, domain]);
}
