import { approximateDuration, byteSize, formatInteger, utc } from '../common/format-units.ts';
import { messageId } from '../common/message-id.ts';
import { productVersion } from '../common/product-version.ts';
import { addQuantity, type Quantity, writeQuantities } from '../common/quantity.ts';
import { enumerated, printable, subjectOf, truncate } from '../common/text.ts';
import type { Around } from '../context/around.ts';
import type { GuardDutyFinding } from '../context/context-event.ts';
import { deliveryLagSeconds } from '../evaluate/re-evaluate.ts';
import type { Alert } from './alert.ts';
import { aroundBody, aroundLines } from './around-text.ts';
import { linesOf, maxLines } from './mail.ts';
import { relatedEvents } from './ocsf/related-events.ts';
import { severities } from './ocsf/severities.ts';
import { athenaQuery } from './queries.ts';

/** The counts of a pair of the host and an outside address of a finding. */
export interface CountedPair {
  readonly src: string;
  readonly dst: string;
  /** Whether the host is the source. */
  readonly isOut: boolean;
  /** Accepted bytes and rejected flows since `firstSeen`. */
  readonly bytes: Quantity;
  readonly rejects: number;
  /** Epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** What an answer says. */
export interface Answer {
  readonly finding: GuardDutyFinding;
  readonly pairs: readonly CountedPair[];
  /** Addresses of other hosts that findings and alerts name with the same outside addresses. */
  readonly others: readonly string[];
  readonly around: Omit<Around, 'scene'>;
  /** Epoch seconds. */
  readonly now: number;
  /** How old the counts may be, in seconds. */
  readonly countedWithinSeconds: number;
}

/** The name of answers where alerts have that of a rule. */
const answerRule = 'guardduty_finding';

const maxPairs = 6;
const maxOthers = 5;
const maxNames = 8;

/** Returns the id of the answer to a finding of a level. */
function answerId({ account, id, level }: GuardDutyFinding): string {
  return messageId([answerRule, account, id, level]);
}

/** Writes the answer to a finding: docs/alerts/answer.schema.json is the schema of its JSON. */
export function writeAnswer(answer: Answer): Alert {
  const { finding, pairs, others, around, now, countedWithinSeconds } = answer;
  const { level, account, region, type, title, first, last } = finding;
  const [host] = finding.hosts;
  const ends = { srcaddr: host?.addresses[0] ?? '', dstaddr: finding.remotes[0] ?? '' };
  const key = finding.direction === 'inbound' ? { srcaddr: ends.dstaddr, dstaddr: ends.srcaddr } : ends;
  const message = `${level.toUpperCase()}: ${key.srcaddr} -> ${key.dstaddr}: ${countText(pairs)}, GuardDuty ${printable(type)}`;
  const id = answerId(finding);
  const [severity_id, severity] = severities[level];
  const isOngoing = isStillGoingOn(answer);
  const body = {
    ...{ version: 1, id, rule: answerRule, title: printable(title), level, key, account, region },
    ...(host?.vpc !== undefined && { vpc: host.vpc }),
    answer: {
      finding: finding.id,
      type: printable(type),
      pairs,
      ...(isOngoing !== undefined && { ongoing: isOngoing }),
      otherHosts: others,
      countedUntil: now - countedWithinSeconds,
    },
    around: aroundBody(around),
    ...{ activity_id: 1, activity_name: 'Create', category_uid: 2, category_name: 'Findings', class_uid: 2004 },
    ...{ class_name: 'Detection Finding', type_uid: 200_401, type_name: 'Detection Finding: Create' },
    ...{ severity_id, severity, status_id: 1, status: 'New', is_alert: true, time: now * 1000, timezone_offset: 0 },
    ...{ start_time: first * 1000, end_time: last * 1000, message },
    metadata: {
      version: '1.8.0',
      uid: id,
      product: { name: 'flow-sentinel', vendor_name: 'flow-sentinel', version: productVersion },
      profiles: ['cloud'],
      log_name: 'VPC Flow Logs',
      log_provider: 'AWS',
      logged_time: now * 1000,
    },
    finding_info: {
      uid: id,
      title: printable(title),
      created_time: now * 1000,
      first_seen_time: first * 1000,
      last_seen_time: last * 1000,
      data_sources: ['Amazon VPC Flow Logs', 'Amazon GuardDuty'],
      related_events: relatedEvents([
        { kind: 'finding', id: finding.id, text: printable(title), time: last, level },
        ...around.notes,
      ]),
      related_events_count: around.notes.length + 1,
    },
    evidences: pairs.slice(0, maxPairs).map(({ src, dst, bytes, rejects }) => ({
      src_endpoint: { ip: src },
      dst_endpoint: { ip: dst },
      data: { bytes, rejects },
    })),
    cloud: { provider: 'AWS', account: { uid: account, type_id: 10, type: 'AWS Account' }, region },
    resources: finding.hosts.flatMap(({ instance }) =>
      instance === undefined
        ? []
        : [{ uid: instance, type: 'AWS::EC2::Instance', role_id: 4, role: 'Related', region }],
    ),
  };
  const attributes = { rule: answerRule, level, account, region, ...(host?.vpc !== undefined && { vpc: host.vpc }) };
  return {
    id,
    subject: subjectOf(message),
    text: answerText(message, answer, isOngoing, key),
    body: JSON.stringify(body, writeQuantities),
    attributes: new Map(Object.entries(attributes)),
  };
}

/** `4.1 GB out, 12 MB in`, or that there is no flow record. */
function countText(pairs: readonly CountedPair[]): string {
  if (pairs.length === 0) return 'no flow record';
  const sum = (isOut: boolean) =>
    pairs.filter((pair) => pair.isOut === isOut).reduce<Quantity>((total, { bytes }) => addQuantity(total, bytes), 0);
  return `${byteSize(sum(true))} out, ${byteSize(sum(false))} in`;
}

/** Returns whether flows go on; undefined without a flow. */
function isStillGoingOn({ pairs, now, countedWithinSeconds }: Answer): boolean | undefined {
  if (pairs.length === 0) return undefined;
  const latest = Math.max(...pairs.map(({ lastSeen }) => lastSeen));
  return latest >= now - deliveryLagSeconds - countedWithinSeconds;
}

function answerText(
  message: string,
  { finding, pairs, others, around, now, countedWithinSeconds }: Answer,
  isOngoing: boolean | undefined,
  key: Readonly<Record<string, string>>,
): string {
  const { id, type, title, count, first, last, account, region, isIndependent, hosts } = finding;
  const all = hosts.flatMap(({ instance, name }) => [instance, name]).filter((text) => text !== undefined);
  const names = [...new Set(all)].slice(0, maxNames);
  const shown = pairs.slice(0, maxPairs);
  const facts = [
    message,
    '',
    `Finding: ${truncate(printable(title), 300)}`,
    `Seen by GuardDuty: ${utc(first)} to ${utc(last)} UTC, ${formatInteger(count)} times`,
    ...(names.length > 0 ? [`Host: ${printable(names.join(', '))}`] : []),
    ...shown.map(pairText),
    ...(pairs.length > shown.length
      ? [`Flows: ${pairs.length - shown.length} more pairs in the JSON of this message`]
      : []),
    ...(pairs.length === 0
      ? ['Flows: no flow record of the host and these addresses: not logged here, skipped, or older than the counters']
      : [`State: ${isOngoing ? 'still going on' : 'no flow for some time'}, last flow ${lastText(pairs, now)}`]),
    ...(countedWithinSeconds > 0
      ? [`Counted: up to ${approximateDuration(countedWithinSeconds)} ago, the rest is in the journal`]
      : []),
    ...(others.length > 0 ? [`Other hosts with the same outside address: ${othersText(others)}`] : []),
    `Data: ${isIndependent ? 'GuardDuty used other data than flow logs' : 'GuardDuty found it in flow logs, the same packets'}`,
    `Account: ${account} ${region}`,
  ];
  const steps = [
    '',
    'What to do',
    '- Check whether the host needs this address. If not, isolate the host and keep its disk for an investigation.',
    `- Flows in Athena: ${athenaQuery(key, { from: first - 3600, to: last + 3600 }, false)}`,
    '- All of it from flow log files: npx flow-sentinel hunt finding FILE PATH...',
    '',
    `GuardDuty finding ${printable(id)}, ${printable(type)}.`,
  ];
  return linesOf(...facts, ...aroundLines(aroundBody(around), maxLines - facts.length - steps.length), ...steps);
}

function pairText({ src, dst, bytes, rejects, firstSeen, lastSeen }: CountedPair): string {
  const refused = rejects > 0 ? `, ${formatInteger(rejects)} rejected` : '';
  return `Flows: ${src} -> ${dst} ${byteSize(bytes)} accepted${refused}, ${utc(firstSeen)} to ${utc(lastSeen)} UTC`;
}

function lastText(pairs: readonly CountedPair[], now: number): string {
  const latest = Math.max(...pairs.map(({ lastSeen }) => lastSeen));
  return latest >= now ? 'a moment ago' : `${approximateDuration(now - latest)} ago`;
}

function othersText(others: readonly string[]): string {
  const shown = others.slice(0, maxOthers);
  const more = others.length - shown.length;
  return enumerated([...shown, ...(more > 0 ? [`${more} more`] : [])]);
}
