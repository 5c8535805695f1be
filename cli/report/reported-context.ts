import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import {
  type ContextEvent,
  type GuardDutyFinding,
  type NetworkChange,
  timeOfEvent,
} from '../../lambda/context/context-event.ts';
import { mergeFindings } from '../../lambda/context/merge-findings.ts';
import { callerText } from '../../lambda/context/note-text.ts';
import type { KnownAddress } from '../../lambda/names/known-interface.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { addressesOf } from './page/endpoints.ts';
import type { ReportedContext, ReportedEvent } from './page/report-data.ts';

/** The most events in a report, the most characters of the text of one, and the most addresses of one. */
const maxEvents = 2000;
const maxTextLength = 300;
const maxAddresses = 50;

/**
 * Returns the context events of a report, in order of time, each finding once. If they are too many, those that alerts tell
 * come first, then those of hosts in the report, and of these the latest.
 *
 * @param known the addresses of interfaces and instances, for events that name only these
 */
export function reportedContext(
  events: readonly ContextEvent[],
  pairs: readonly PairCounter[],
  alerts: readonly AlertBody[],
  known: readonly KnownAddress[],
): ReportedContext {
  const inReport = new Set(alerts.flatMap((body) => [...addressesOf(body)]));
  for (const { src, dst } of pairs) inReport.add(src).add(dst);
  const told = new Set(alerts.flatMap(({ around }) => around?.notes.map(({ id }) => id) ?? []));
  const byId = Map.groupBy(known, ({ interface: id }) => id);
  const byInstance = Map.groupBy(known, ({ id }) => id ?? '');
  const reported = withoutRepeats(events).map((event) => reportedEvent(event, inReport, byId, byInstance));
  const rank = ({ id, addresses }: ReportedEvent) => (told.has(id) ? 0 : addresses.length > 0 ? 1 : 2);
  const listed = reported.sort((a, b) => rank(a) - rank(b) || b.time - a.time).slice(0, maxEvents);
  return {
    events: listed.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)),
    unlisted: reported.length - listed.length,
  };
}

/** Joins the states of each finding, and drops repeated changes. */
function withoutRepeats(events: readonly ContextEvent[]): ContextEvent[] {
  const once = new Map<string, ContextEvent>();
  for (const event of events) {
    const key = `${event.kind} ${event.id}`;
    const before = once.get(key);
    once.set(key, before?.kind === 'finding' && event.kind === 'finding' ? mergeFindings(before, event) : event);
  }
  return [...once.values()];
}

type ByName = ReadonlyMap<string, readonly KnownAddress[]>;

function reportedEvent(
  event: ContextEvent,
  inReport: ReadonlySet<string>,
  byInterface: ByName,
  byInstance: ByName,
): ReportedEvent {
  const own = event.hosts.flatMap(({ addresses, interface: id, instance }) => {
    if (addresses.length > 0) return addresses;
    const known = id === undefined ? byInstance.get(instance ?? '') : byInterface.get(id);
    return known?.map(({ address }) => address) ?? [];
  });
  const isFinding = event.kind === 'finding';
  const all = new Set([...own, ...(isFinding ? event.remotes : [])]);
  return {
    kind: event.kind,
    id: event.id,
    time: isFinding ? event.last : timeOfEvent(event),
    ...(isFinding && { level: event.level }),
    text: truncate(printable(isFinding ? findingText(event) : changeText(event)), maxTextLength),
    addresses: [...all].filter((address) => inReport.has(address)).slice(0, maxAddresses),
  };
}

function findingText({ type, count, first, last, title, domain, isIndependent, isArchived }: GuardDutyFinding): string {
  const times = count === 1 ? [] : [`${formatInteger(count)} times`];
  const since = first === last ? [] : [`since ${utc(first)}`];
  const what = [type, ...(domain === undefined ? [] : [domain]), ...times, ...since].join(', ');
  const source = isIndependent ? 'from other data than flow logs' : 'from flow logs';
  return [what, title.replace(/\.$/, ''), source, ...(isArchived ? ['archived'] : [])].join('; ');
}

function changeText(change: NetworkChange): string {
  return `${change.text}, ${callerText(change)} (${change.event})`;
}
