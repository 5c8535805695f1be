import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { byteSize, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable, scopeName } from '../../lambda/common/text.ts';
import { keyCell } from '../names/who-cell.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { PairCounter } from './pair-counter.ts';

const maxShownPairs = 10;
const columns = ['source', 'destination', 'accepted', 'rejects', 'first seen', 'last seen'];

/**
 * Formats the busiest pairs with a heading and the number of further pairs.
 *
 * @param pairs busiest first
 * @param sources what says who has the addresses, and where they lead (default: nothing)
 */
export function pairTable(
  pairs: Pick<readonly PairCounter[], 'length' | 'slice'>,
  sources: AddressSources = {},
): string {
  if (pairs.length === 0) return `${heading('No pairs were counted')}\n`;
  const more = pairs.length > maxShownPairs ? `  and ${formatInteger(pairs.length - maxShownPairs)} more pairs\n` : '';
  return `${heading('Busiest pairs (times in UTC)')}\n${pairRows(pairs.slice(0, maxShownPairs), sources)}${more}`;
}

/** Formats pairs as a table without a heading. Further columns have the scope of pairs, and who has the addresses. */
export function pairRows(pairs: readonly PairCounter[], sources: AddressSources = {}): string {
  const hasScope = pairs.some(({ scope }) => scope);
  const who = pairs.map((pair) => pairCell(pair, sources));
  const hasNames = who.some((cell) => cell !== '');
  const rows = pairs.map(({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }, index) => [
    ...[printable(src), printable(dst), byteSize(bytes), formatInteger(rejects)],
    ...(firstSeen === Number.POSITIVE_INFINITY ? ['-', '-'] : [utc(firstSeen), utc(lastSeen)]),
    ...(hasScope ? [scope ? scopeName(scope) : ''] : []),
    ...(hasNames ? [who[index]!] : []),
  ]);
  return table([...columns, ...(hasScope ? ['scope'] : []), ...(hasNames ? ['who'] : [])], rows, [2, 3]);
}

/** Returns who has the addresses of a pair, or how they are known: see keyCell. */
export function pairCell({ src, dst, scope, firstSeen, lastSeen }: PairCounter, sources: AddressSources): string {
  return keyCell({ src, dst }, scope, sources, { from: firstSeen, to: lastSeen });
}
