import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { busiestFirst, mostRejectedFirst } from '../statistics/pair-counter.ts';
import { TopN } from '../statistics/top-n.ts';
import { endpointsOf } from './page/endpoints.ts';
import type { ReportData } from './page/report-data.ts';

const maxByBytes = 400;
const maxByRejects = 100;
/** Maximum number of pairs for each endpoint of an alert. */
const maxPartners = 12;
const maxEndpoints = 2000;
const maxSurroundings = 5000;

type ReportPairs = Pick<ReportData, 'pairs' | 'pairCount' | 'surroundings'>;

/** Selects the pairs of a report in one pass: the busiest pairs, and the pairs of the endpoints of alerts. */
export function reportPairs(all: Iterable<PairCounter>, alerts: readonly AlertBody[]): ReportPairs {
  const byBytes = new TopN(maxByBytes, busiestFirst);
  const byRejects = new TopN(maxByRejects, mostRejectedFirst);
  const endpoints = new Map(mostAlertedEndpoints(alerts).map((endpoint) => [endpoint, new EndpointPairs()]));
  const pairsWithAlerts = new Set(alerts.flatMap(pairNames));
  const ofAlerts: PairCounter[] = [];
  let pairCount = 0;
  for (const pair of all) {
    pairCount += 1;
    byBytes.add(pair);
    if (pair.rejects > 0) byRejects.add(pair);
    endpoints.get(pair.src)?.add(pair);
    if (pair.src !== pair.dst) endpoints.get(pair.dst)?.add(pair);
    if (ofAlerts.length < maxSurroundings && pairsWithAlerts.has(`${pair.src} ${pair.dst}`)) ofAlerts.push(pair);
  }
  const pairs = [...new Set([...byBytes.items(), ...byRejects.items()])].sort(busiestFirst);
  const byEndpoint = [...endpoints.values()].map((pairs) => pairs.busiest());
  const ranks = Array.from({ length: maxPartners }, (_, rank) =>
    byEndpoint.flatMap((pairsOfEndpoint) => pairsOfEndpoint[rank] ?? []),
  );
  const surroundings = [...new Set([...ofAlerts, ...ranks.flat()])].slice(0, maxSurroundings).sort(busiestFirst);
  return { pairs, pairCount, surroundings };
}

/** Pairs of one endpoint: those with most bytes and those with most rejects, in turn. */
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

/** Returns the endpoints of alerts, those with the most alerts first. */
function mostAlertedEndpoints(alerts: readonly AlertBody[]): string[] {
  const counts = new Map<string, number>();
  for (const endpoint of alerts.flatMap(endpointsOf)) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxEndpoints)
    .map(([endpoint]) => endpoint);
}

/** Returns the pairs of an alert as `source destination`. */
function pairNames({ key, digest }: AlertBody): string[] {
  const keys = [key, ...(digest?.keys.map((one) => one.key) ?? [])];
  return keys.flatMap(({ srcaddr, dstaddr }) => (srcaddr && dstaddr ? `${srcaddr} ${dstaddr}` : []));
}
