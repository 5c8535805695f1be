import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { busiestFirst, mostRejectedFirst } from '../statistics/pair-counter.ts';
import { TopN } from '../statistics/top-n.ts';
import { endpointsOf } from './page/endpoints.ts';
import type { ReportData } from './page/report-data.ts';

const maxByBytes = 400;
const maxByRejects = 100;
/** Of each end of an alert. */
const maxPartners = 12;
const maxEndpoints = 2000;
const maxSurroundings = 5000;

type ReportPairs = Pick<ReportData, 'pairs' | 'pairCount' | 'surroundings'>;

/** Of all pairs, in one pass, those that a report shows: the busiest, and those around the ends of alerts. */
export function reportPairs(all: Iterable<PairCounter>, alerts: readonly AlertBody[]): ReportPairs {
  const byBytes = new TopN(maxByBytes, busiestFirst);
  const byRejects = new TopN(maxByRejects, mostRejectedFirst);
  const ends = new Map(mostAlertedEndpoints(alerts).map((end) => [end, new EndpointPairs()]));
  const alerted = new Set(alerts.flatMap(pairOf));
  const ofAlerts: PairCounter[] = [];
  let pairCount = 0;
  for (const pair of all) {
    pairCount += 1;
    byBytes.add(pair);
    if (pair.rejects > 0) byRejects.add(pair);
    ends.get(pair.src)?.add(pair);
    if (pair.src !== pair.dst) ends.get(pair.dst)?.add(pair);
    if (ofAlerts.length < maxSurroundings && alerted.has(`${pair.src} ${pair.dst}`)) ofAlerts.push(pair);
  }
  const pairs = [...new Set([...byBytes.items(), ...byRejects.items()])].sort(busiestFirst);
  const around = [...ends.values()].map((end) => end.busiest());
  const ranks = Array.from({ length: maxPartners }, (_, rank) => around.flatMap((partners) => partners[rank] ?? []));
  const surroundings = [...new Set([...ofAlerts, ...ranks.flat()])].slice(0, maxSurroundings).sort(busiestFirst);
  return { pairs, pairCount, surroundings };
}

/** The pairs of one end: those of most bytes and those of most rejects by turns. */
class EndpointPairs {
  readonly #byBytes = new TopN(maxPartners, busiestFirst);
  readonly #byRejects = new TopN(maxPartners, mostRejectedFirst);

  add(pair: PairCounter): void {
    if (pair.rejects > 0) this.#byRejects.add(pair);
    if (pair.bytes > 0) this.#byBytes.add(pair);
  }

  busiest(): PairCounter[] {
    const rejected = this.#byRejects.items();
    const busy = this.#byBytes.items();
    const turns = Array.from({ length: maxPartners }, (_, rank) => [busy[rank], rejected[rank]]);
    return [...new Set(turns.flat())].filter((pair) => pair !== undefined).slice(0, maxPartners);
  }
}

/** The addresses that alerts are about, those of most alerts first. */
function mostAlertedEndpoints(alerts: readonly AlertBody[]): string[] {
  const counts = new Map<string, number>();
  for (const end of alerts.flatMap(endpointsOf)) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxEndpoints)
    .map(([end]) => end);
}

function pairOf({ key, digest }: AlertBody): string[] {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])];
  return keys.flatMap(({ srcaddr, dstaddr }) => (srcaddr && dstaddr ? `${srcaddr} ${dstaddr}` : []));
}
