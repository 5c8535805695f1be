import type { PairCounter } from '../../statistics/pair-counter.ts';
import { busiestFirst } from '../../statistics/pair-counter.ts';

/** Whom the ends of an alert talk with: the busiest pairs, sources to the left and destinations to the right. */
export interface Conversations {
  readonly pairs: readonly PairCounter[];
  /** In columns: who talks to the ends, the ends, whom the ends talk to. */
  readonly columns: readonly [readonly string[], readonly string[], readonly string[]];
  readonly edges: readonly Edge[];
}

/** A pair by the columns and places of its addresses. */
export interface Edge {
  readonly pair: PairCounter;
  readonly from: readonly [column: number, row: number];
  readonly to: readonly [column: number, row: number];
}

const maxEndpoints = 6;
const maxPairs = 24;

/** The pairs that each address is part of, a pair that is given twice once. */
export function pairsByEndpoint(pairs: Iterable<PairCounter>): ReadonlyMap<string, readonly PairCounter[]> {
  const byEnd = new Map<string, PairCounter[]>();
  const each = new Map([...pairs].map((pair) => [`${pair.src} ${pair.dst}`, pair]));
  for (const pair of each.values()) {
    for (const end of new Set([pair.src, pair.dst])) {
      const known = byEnd.get(end);
      if (known) known.push(pair);
      else byEnd.set(end, [pair]);
    }
  }
  return byEnd;
}

/** @param ends the addresses that an alert is about: the first few are shown */
export function conversationsOf(
  ends: readonly string[],
  byEnd: ReadonlyMap<string, readonly PairCounter[]>,
): Conversations {
  const shown = new Set(ends.slice(0, maxEndpoints));
  const around = new Set([...shown].flatMap((end) => byEnd.get(end) ?? []));
  const isBetween = ({ src, dst }: PairCounter) => shown.has(src) && shown.has(dst);
  const between = [...around].filter(isBetween).sort(busiestFirst);
  const others = [...around].filter((pair) => !isBetween(pair)).sort(busiestFirst);
  const share = Math.ceil((maxPairs - between.length) / Math.max(1, shown.size));
  const counts = new Map<string, number>();
  const kept = others.filter(({ src, dst }) => {
    const end = shown.has(src) ? src : dst;
    counts.set(end, (counts.get(end) ?? 0) + 1);
    return counts.get(end)! <= share;
  });
  const pairs = [...between, ...kept].slice(0, maxPairs);
  const columns = [
    unique(pairs.flatMap(({ src }) => (shown.has(src) ? [] : src))),
    unique(pairs.map(({ src, dst }) => (shown.has(src) ? src : dst))),
    unique(pairs.flatMap(({ src, dst }) => (shown.has(src) ? dst : []))),
  ] as const;
  const edges = pairs.map((pair): Edge => {
    const column = shown.has(pair.src) ? 1 : 0;
    const place = (at: 0 | 1 | 2, address: string) => [at, columns[at].indexOf(address)] as const;
    return { pair, from: place(column, pair.src), to: place(column === 1 ? 2 : 1, pair.dst) };
  });
  return { pairs, columns, edges };
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)];
}
