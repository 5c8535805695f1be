import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { Match } from 'aws-cdk-lib/aws-events';
import { changeEvents } from '../../lambda/context/change-events.ts';

/** The most characters of an event pattern (EventBridge User Guide, "Amazon EventBridge quotas"). */
export const maxPatternLength = 2048;

/** The most characters of the names of a pattern: the rest is for its other members, an account among them. */
const maxNamesLength = 1500;

/** What a rule matches. Nobody but AWS may send events whose source begins with `aws.` (EventBridge API Reference, "PutEvents"). */
export const findingPattern: EventPattern = { source: ['aws.guardduty'], detailType: ['GuardDuty Finding'] };

/**
 * Returns the patterns of the API calls that the context function reads: as few as their names fit into. Calls that failed do not
 * match. EventBridge sends no calls that only read.
 */
export function changePatterns(events: Readonly<Record<string, readonly string[]>> = changeEvents): EventPattern[] {
  const calls = Object.entries(events).flatMap(([service, names]) => names.map((name) => ({ service, name })));
  const groups: (typeof calls)[] = [];
  for (const call of calls) {
    const last = groups.at(-1);
    const isFull = !last || JSON.stringify([...last, call].map(({ name }) => name)).length > maxNamesLength;
    if (isFull) groups.push([call]);
    else last.push(call);
  }
  return groups.map((group) => ({
    source: Match.prefix('aws.'),
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: [...new Set(group.map(({ service }) => service))],
      eventName: [...new Set(group.map(({ name }) => name))],
      errorCode: Match.doesNotExist(),
    },
  }));
}
