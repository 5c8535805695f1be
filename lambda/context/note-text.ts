import { approximateDuration, formatInteger, utc } from '../common/format-units.ts';
import { enumerated, plural, printable, truncate } from '../common/text.ts';
import type { OtherAlert } from './context-entry.ts';
import type { GuardDutyFinding, NetworkChange } from './context-event.ts';

/** The most characters of a note. */
const maxLength = 300;

/** The most characters of a text that anyone in the account writes. */
const maxNameLength = 64;

/** What a finding has in common with an alert. */
interface InCommon {
  /** The host of both: its address, or an id; undefined if they share outside addresses only. */
  readonly host: string | undefined;
  /** The outside addresses of both. */
  readonly remotes: readonly string[];
  /** Whether a flow of the alert has the finding's port and direction. */
  readonly isSamePort: boolean;
}

/** Writes a finding: `GuardDuty HIGH Trojan:EC2/DropPoint, 3 times, 07:58 to 08:41 UTC; same outside address`. */
export function findingText(finding: GuardDutyFinding, { host, remotes, isSamePort }: InCommon): string {
  const { level, type, count, first, last, isIndependent, isArchived, domain } = finding;
  const details = [
    `GuardDuty ${level.toUpperCase()} ${type}`,
    ...(domain === undefined ? [] : [truncate(domain, maxNameLength)]),
    ...(count > 1 ? [`${formatInteger(count)} times`] : []),
    first === last ? `${utc(last)} UTC` : `${utc(first)} to ${utc(last)} UTC`,
  ].join(', ');
  const relation = relationOf(finding, host, remotes, isSamePort);
  const source = isIndependent ? 'from other data than flow logs' : 'from flow logs, the same packets';
  return bounded([details, relation, source, ...(isArchived ? ['archived'] : [])].join('; '));
}

function relationOf(
  { hosts, remotes: all }: GuardDutyFinding,
  host: string | undefined,
  remotes: readonly string[],
  isSamePort: boolean,
): string {
  if (host === undefined) return `names ${enumerated(remotes)} with another host${hostName(hosts[0])}`;
  if (remotes.length > 0) return `names ${host} and the same outside address ${enumerated(remotes)}`;
  if (all.length === 0) return `names ${host}`;
  return isSamePort
    ? `names ${host}, the same port and direction`
    : `names ${host} and another outside address, ${all[0]}`;
}

function hostName(host: GuardDutyFinding['hosts'][number] | undefined): string {
  const id = host?.instance ?? host?.interface ?? host?.addresses[0];
  return id === undefined ? '' : `, ${id}`;
}

/**
 * Writes a change: `34 min before the first flow: sg-0aa opened to 0.0.0.0/0 for tcp 443 (egress), by admin/deploy from
 * 203.0.113.9 (AuthorizeSecurityGroupEgress)`.
 *
 * @param first the first flow of the alert in epoch seconds
 * @param isOpened whether the change lets a flow of the alert through
 */
export function changeText(change: NetworkChange, first: number, isOpened: boolean): string {
  const { time, text, event } = change;
  const caller = callerText(change, (name) => truncate(name, maxNameLength));
  const effect = isOpened ? '; it lets this flow through' : '';
  return bounded(`${relativeTime(time, first)}: ${truncate(text, 160)}, ${caller} (${event})${effect}`);
}

/**
 * Writes who made a change: `by admin/deploy through cloudformation.amazonaws.com from 203.0.113.9`. A service that called from
 * itself is named once.
 *
 * @param shorten bounds each name (default: as it is)
 */
export function callerText(
  { who, via, from }: Pick<NetworkChange, 'who' | 'via' | 'from'>,
  shorten: (name: string) => string = (name) => name,
): string {
  const through = via === undefined ? '' : ` through ${shorten(via)}`;
  const origin = from === undefined || from === via ? '' : ` from ${shorten(from)}`;
  return `by ${shorten(who)}${through}${origin}`;
}

/** Writes other alerts in a line. @param alerts at least one, the most severe first. @param whose `of 10.0.3.30` */
export function otherAlertsText(alerts: readonly OtherAlert[], whose: string): string {
  const shown = alerts.slice(0, 4).map(({ rule, time, level }) => `${rule} ${utc(time)} (${level.toUpperCase()})`);
  const others = alerts.length - shown.length;
  const more = others > 0 ? [plural(others, 'other')] : [];
  return bounded(`${plural(alerts.length, 'other alert')} ${whose}: ${enumerated([...shown, ...more])}`);
}

/** Formats a time relative to the first flow of an alert. Both are epoch seconds. */
function relativeTime(time: number, first: number): string {
  if (time === first) return 'at the first flow';
  const length = approximateDuration(Math.abs(first - time));
  return time < first ? `${length} before the first flow` : `${length} after the first flow`;
}

function bounded(text: string): string {
  return truncate(printable(text), maxLength);
}
