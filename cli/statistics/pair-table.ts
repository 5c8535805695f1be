import { byteSize, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { PairCounter } from './pair-counter.ts';

const shownPairs = 10;
const columns = ['source', 'destination', 'accepted', 'rejects', 'first seen', 'last seen'];

/** The busiest pairs under their heading, and how many more there are. @param pairs the busiest first */
export function pairTable(pairs: Pick<readonly PairCounter[], 'length' | 'slice'>): string {
  if (pairs.length === 0) return `${heading('No pair was counted')}\n`;
  const more = pairs.length > shownPairs ? `  and ${formatInteger(pairs.length - shownPairs)} more pairs\n` : '';
  return `${heading('Busiest pairs (times in UTC)')}\n${pairRows(pairs.slice(0, shownPairs))}${more}`;
}

/** Pairs as a table, without a heading. */
export function pairRows(pairs: readonly PairCounter[]): string {
  const rows = pairs.map(({ src, dst, bytes, rejects, firstSeen, lastSeen }) => [
    ...[printable(src), printable(dst), byteSize(bytes), formatInteger(rejects)],
    ...[utc(firstSeen), utc(lastSeen)],
  ]);
  return table(columns, rows, [2, 3]);
}
