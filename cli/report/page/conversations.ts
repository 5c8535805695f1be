import type { PairCounter } from '../../statistics/pair-counter.ts';
import { busiestFirst } from '../../statistics/pair-counter.ts';

/** Busiest pairs of the endpoints of an alert, with sources on the left and destinations on the right. */
export interface Conversations {
  readonly pairs: readonly PairCounter[];
  /** Three columns of addresses: sources of traffic to the endpoints, the endpoints, and their destinations. */
  readonly columns: readonly [readonly string[], readonly string[], readonly string[]];
  readonly edges: readonly Edge[];
}

/** A pair with the columns and rows of its addresses. */
export interface Edge {
  readonly pair: PairCounter;
  readonly from: readonly [column: number, row: number];
  readonly to: readonly [column: number, row: number];
}

const maxEndpoints = 6;
const maxPairs = 24;

/** Groups pairs by each of their addresses. */
export function pairsByEndpoint(pairs: Iterable<PairCounter>): ReadonlyMap<string, readonly PairCounter[]> {
  const byEndpoint = new Map<string, PairCounter[]>();
  for (const pair of pairs) {
    for (const address of new Set([pair.src, pair.dst])) {
      const known = byEndpoint.get(address);
      if (known) known.push(pair);
      else byEndpoint.set(address, [pair]);
    }
  }
  return byEndpoint;
}

/** Selects and arranges the pairs of an alert. @param endpoints addresses of the alert; the first six are shown */
export function conversationsOf(
  endpoints: readonly string[],
  byEndpoint: ReadonlyMap<string, readonly PairCounter[]>,
): Conversations {
  const shown = new Set(endpoints.slice(0, maxEndpoints));
  const candidates = new Set([...shown].flatMap((endpoint) => byEndpoint.get(endpoint) ?? []));
  const isBetween = ({ src, dst }: PairCounter) => shown.has(src) && shown.has(dst);
  const between = [...candidates].filter(isBetween).sort(busiestFirst);
  const others = [...candidates].filter((pair) => !isBetween(pair)).sort(busiestFirst);
  const share = Math.ceil((maxPairs - between.length) / Math.max(1, shown.size));
  const counts = new Map<string, number>();
  const selected = others.filter(({ src, dst }) => {
    const endpoint = shown.has(src) ? src : dst;
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    return counts.get(endpoint)! <= share;
  });
  const pairs = [...between, ...selected].slice(0, maxPairs);
  const columns = [
    unique(pairs.flatMap(({ src }) => (shown.has(src) ? [] : src))),
    unique(pairs.map(({ src, dst }) => (shown.has(src) ? src : dst))),
    unique(pairs.flatMap(({ src, dst }) => (shown.has(src) ? dst : []))),
  ] as const;
  const edges = pairs.map((pair): Edge => {
    const column = shown.has(pair.src) ? 1 : 0;
    const position = (at: 0 | 1 | 2, address: string) => [at, columns[at].indexOf(address)] as const;
    return { pair, from: position(column, pair.src), to: position(column === 1 ? 2 : 1, pair.dst) };
  });
  return { pairs, columns, edges };
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)];
}
