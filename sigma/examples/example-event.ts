import { z } from 'zod';
import type { ObservedEvent } from '../../lambda/aggregate/event-deltas.ts';
import type { NamedInterface } from '../../lambda/context/context-event.ts';
import { readContextEvent } from '../../lambda/context/read-event.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { exampleStart, maxOffsetSeconds, parseOffset } from './example-flow.ts';

const raw = z.record(z.string(), z.unknown());
const time = z.string('expected a time such as 0m, 10m or 1h30m').optional();

/** The schema of an event in an example: a record of CloudTrail or a finding of GuardDuty, without what every event has. */
export const eventShape = z
  .strictObject({
    at: time,
    late: time,
    /** The addresses of the interfaces that EC2 names for a change. */
    addresses: z.array(z.string()).min(1).max(100).optional(),
    cloudtrail: raw.optional(),
    guardduty: raw.optional(),
  })
  .refine(({ cloudtrail, guardduty }) => (cloudtrail === undefined) !== (guardduty === undefined), {
    error: 'expected either cloudtrail or guardduty',
  });

/** An event of an example. */
export interface ExampleEvent {
  readonly observed: ObservedEvent;
  /** In epoch seconds. */
  readonly arrival: number;
}

const account = '123456789012';
const region = 'us-east-1';

/**
 * Reads an event as the function does.
 *
 * @param index of the event in its example, which makes its id
 * @param report receives each problem, by the key of the event
 * @returns no event after a mistake, and none for a call that failed: the function ignores it too
 */
export function eventOf(
  { at = '0m', late = '1m', addresses = [], cloudtrail, guardduty }: z.infer<typeof eventShape>,
  index: number,
  report: (field: string, problem: string) => void,
): ExampleEvent[] {
  const [start, delay] = [offset('at', at, report), offset('late', late, report)];
  const hosts = addresses.flatMap((text): NamedInterface[] => {
    const address = canonicalAddress(text);
    if (address !== undefined) return [{ addresses: [address], groups: [] }];
    report('addresses', `${JSON.stringify(text)} is not an address`);
    return [];
  });
  if (start === undefined || delay === undefined || hosts.length < addresses.length) return [];
  const seconds = exampleStart + start;
  const source = cloudtrail ? 'cloudtrail' : 'guardduty';
  const event = cloudtrail ? recordOf(cloudtrail, index, seconds) : findingOf(guardduty!, index, seconds);
  const read = readContextEvent(event);
  if ('problem' in read || 'ignored' in read) {
    const isUndelivered = 'ignored' in read && ['failed', 'read only'].includes(read.ignored);
    if ('problem' in read) report(source, read.problem);
    else if (!isUndelivered) report(source, `the function ignores this event: ${read.ignored}`);
    return [];
  }
  const observed = { source, raw: event, event: { ...read.event, hosts: [...read.event.hosts, ...hosts] } } as const;
  return [{ observed, arrival: seconds + delay }];
}

function offset(field: string, text: string, report: (field: string, problem: string) => void): number | undefined {
  const parsed = parseOffset(text);
  if (parsed !== undefined && parsed >= 0 && parsed <= maxOffsetSeconds) return parsed;
  report(field, `the time ${JSON.stringify(text)} is invalid: expected a form such as 30s, 10m or 1h30m`);
  return undefined;
}

function recordOf(written: Readonly<Record<string, unknown>>, index: number, seconds: number): Record<string, unknown> {
  return {
    eventID: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    eventTime: isoOf(seconds),
    eventSource: 'ec2.amazonaws.com',
    awsRegion: region,
    recipientAccountId: account,
    sourceIPAddress: '203.0.113.9',
    userIdentity: { type: 'IAMUser', userName: 'operator', arn: `arn:aws:iam::${account}:user/operator` },
    requestParameters: null,
    responseElements: null,
    ...written,
  };
}

function findingOf(
  written: Readonly<Record<string, unknown>>,
  index: number,
  seconds: number,
): Record<string, unknown> {
  const seen = isoOf(seconds);
  const { service } = written;
  return {
    id: index.toString(16).padStart(32, '0'),
    accountId: account,
    region,
    type: 'Trojan:EC2/DropPoint',
    severity: 5,
    title: 'A finding of an example',
    createdAt: seen,
    updatedAt: seen,
    ...written,
    service: { eventFirstSeen: seen, eventLastSeen: seen, ...(typeof service === 'object' ? service : {}) },
  };
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
