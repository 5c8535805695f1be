import { formatInteger } from '../../../lambda/common/format-units.ts';
import { addQuantity } from '../../../lambda/common/quantity.ts';
import type { Interval, Timeline } from '../../statistics/flow-timeline.ts';
import type { HostActivity, HostSums } from '../../statistics/host-activity.ts';
import type { ReportData } from './report-data.ts';
import type { TextQuery } from './text-query.ts';

/** Traffic over time, and a sentence on which traffic it is. */
export interface ShownTraffic {
  readonly timeline: Timeline;
  readonly note: string;
}

/** Selects the traffic of the hosts that a search finds; all traffic if the search is not for addresses. */
export function trafficOf(query: TextQuery, { hosts, timeline }: Pick<ReportData, 'hosts' | 'timeline'>): ShownTraffic {
  if (query.kind !== 'address' && query.kind !== 'network') {
    return { timeline, note: 'An address, a network or a time filters this chart.' };
  }
  const found = hosts.hosts.filter(({ address }) => query.matches([address], ''));
  return { timeline: hostTimeline(found, hosts), note: noteOf(found, query) };
}

/** The sentence for hosts with isPartial, after another one. */
export const partialText = ' Earlier flows may be missing: there were too many hosts.';

/** Returns the sums of hosts by interval. */
export function hostTimeline(found: readonly HostSums[], { seconds }: Pick<HostActivity, 'seconds'>): Timeline {
  const byTime = new Map<number, Interval>();
  for (const [at, bytes, rejects, flows] of found.flatMap(({ intervals }) => intervals)) {
    const known = byTime.get(at) ?? { at, bytes: 0, rejects: 0, flows: 0 };
    byTime.set(at, {
      at,
      bytes: addQuantity(known.bytes, bytes),
      rejects: known.rejects + rejects,
      flows: known.flows + flows,
    });
  }
  return { seconds, intervals: [...byTime.values()].sort((a, b) => a.at - b.at) };
}

function noteOf(found: readonly HostSums[], { kind, text }: TextQuery): string {
  const partial = found.some(({ isPartial }) => isPartial) ? partialText : '';
  if (found.length === 0) return `The report has no hours of ${text}.`;
  if (kind === 'address') return `Traffic of ${text} in both directions.${partial}`;
  return `Traffic of ${formatInteger(found.length)} hosts in ${text}; traffic between two of them counts at both.${partial}`;
}
