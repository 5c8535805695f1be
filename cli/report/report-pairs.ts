import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { scopeName } from '../../lambda/common/text.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { busiestFirst, mostRejectedFirst } from '../statistics/pair-counter.ts';
import { TopN } from '../statistics/top-n.ts';
import { endpointsOf } from './page/endpoints.ts';
import type { ReportData } from './page/report-data.ts';

/**
 * Maximum number of characters of the pairs in pair-columns.ts: 150,000 to 300,000 pairs. Compressed in the file they take
 * up to 4.5 MB, which e-mail accepts (measured: decision 30).
 */
const maxPairCharacters = 10_000_000;
/** Maximum number of pairs for each endpoint of an alert, when not all pairs fit. */
const maxPartners = 12;
const maxEndpoints = 2000;
const maxPairsOfAlerts = 5000;
/** One pair in five is chosen by its rejects. */
const turnsByBytes = 4;

type ReportPairs = Pick<ReportData, 'pairs' | 'pairCount'>;

/**
 * Selects the pairs of a report, busiest first: all pairs if they fit. Otherwise these are the pairs of alerts, then the
 * busiest pairs of the endpoints of alerts, then the busiest by bytes and by rejects.
 */
export function reportPairs(
  given: Iterable<PairCounter>,
  alerts: readonly AlertBody[],
  maxCharacters: number = maxPairCharacters,
): ReportPairs {
  const all = [...given].sort(busiestFirst);
  const size = new ColumnSize();
  if (all.every((pair) => size.add(pair) <= maxCharacters)) return { pairs: all, pairCount: all.length };
  const chosen = new Set<PairCounter>();
  const sizeOfChosen = new ColumnSize();
  for (const pair of mostRelevantFirst(all, alerts)) {
    if (chosen.has(pair)) continue;
    if (sizeOfChosen.add(pair) > maxCharacters) break;
    chosen.add(pair);
  }
  return { pairs: all.filter((pair) => chosen.has(pair)), pairCount: all.length };
}

/** Number of characters of pairs as JSON columns. */
class ColumnSize {
  readonly #addresses = new Set<string>();
  #characters = 0;

  /** Adds a pair and returns the number of characters of all. */
  add({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }: PairCounter): number {
    for (const address of [src, dst, ...(scope ? [scopeName(scope)] : [])]) {
      if (this.#addresses.has(address)) continue;
      this.#addresses.add(address);
      this.#characters += address.length + 3;
    }
    const indexes = (scope ? 3 : 2) * String(this.#addresses.size).length;
    const numbers = `${bytes}${rejects}${firstSeen}${lastSeen - firstSeen}`.length;
    this.#characters += indexes + numbers + 6;
    return this.#characters;
  }
}

function* mostRelevantFirst(busiest: readonly PairCounter[], alerts: readonly AlertBody[]): Generator<PairCounter> {
  const endpoints = new Map(mostAlertedEndpoints(alerts).map((endpoint) => [endpoint, new EndpointPairs()]));
  const pairsWithAlerts = new Set(alerts.flatMap(pairNames));
  const ofAlerts: PairCounter[] = [];
  for (const pair of busiest) {
    endpoints.get(pair.src)?.add(pair);
    if (pair.src !== pair.dst) endpoints.get(pair.dst)?.add(pair);
    if (ofAlerts.length < maxPairsOfAlerts && pairsWithAlerts.has(`${pair.src} ${pair.dst}`)) ofAlerts.push(pair);
  }
  yield* ofAlerts;
  const byEndpoint = [...endpoints.values()].map((pairs) => pairs.busiest());
  for (let rank = 0; rank < maxPartners; rank += 1) yield* byEndpoint.flatMap((pairs) => pairs[rank] ?? []);
  const mostRejected = busiest.filter(({ rejects }) => rejects > 0).sort(mostRejectedFirst);
  for (const [rank, pair] of busiest.entries()) {
    yield pair;
    const rejected = mostRejected[rank / turnsByBytes];
    if (rejected) yield rejected;
  }
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
