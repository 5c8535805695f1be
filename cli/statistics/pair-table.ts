import { byteSize, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable, scopeName } from '../../lambda/common/text.ts';
import type { NameSource } from '../../lambda/names/known-interface.ts';
import { pairCell } from '../names/who-cell.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { PairCounter } from './pair-counter.ts';

const maxShownPairs = 10;
const columns = ['source', 'destination', 'accepted', 'rejects', 'first seen', 'last seen'];

/**
 * Formats the busiest pairs with a heading and the number of further pairs.
 *
 * @param pairs busiest first
 * @param names who has the addresses (default: unknown)
 */
export function pairTable(pairs: Pick<readonly PairCounter[], 'length' | 'slice'>, names?: NameSource): string {
  if (pairs.length === 0) return `${heading('No pairs were counted')}\n`;
  const more = pairs.length > maxShownPairs ? `  and ${formatInteger(pairs.length - maxShownPairs)} more pairs\n` : '';
  return `${heading('Busiest pairs (times in UTC)')}\n${pairRows(pairs.slice(0, maxShownPairs), names)}${more}`;
}

/** Formats pairs as a table without a heading. Further columns have the scope of pairs, and who has the addresses. */
export function pairRows(pairs: readonly PairCounter[], names?: NameSource): string {
  const hasScope = pairs.some(({ scope }) => scope);
  const who = names ? pairs.map((pair) => pairCell(pair, names)) : [];
  const hasNames = who.some((cell) => cell !== '');
  const rows = pairs.map(({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }, index) => [
    ...[printable(src), printable(dst), byteSize(bytes), formatInteger(rejects)],
    ...(firstSeen === Number.POSITIVE_INFINITY ? ['-', '-'] : [utc(firstSeen), utc(lastSeen)]),
    ...(hasScope ? [scope ? scopeName(scope) : ''] : []),
    ...(hasNames ? [who[index]!] : []),
  ]);
  return table([...columns, ...(hasScope ? ['scope'] : []), ...(hasNames ? ['who'] : [])], rows, [2, 3]);
}
