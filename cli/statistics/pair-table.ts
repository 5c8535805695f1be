import { byteSize, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable, scopeName } from '../../lambda/common/text.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { PairCounter } from './pair-counter.ts';

const maxShownPairs = 10;
const columns = ['source', 'destination', 'accepted', 'rejects', 'first seen', 'last seen'];

/** Formats the busiest pairs with a heading and the number of further pairs. @param pairs busiest first */
export function pairTable(pairs: Pick<readonly PairCounter[], 'length' | 'slice'>): string {
  if (pairs.length === 0) return `${heading('No pairs were counted')}\n`;
  const more = pairs.length > maxShownPairs ? `  and ${formatInteger(pairs.length - maxShownPairs)} more pairs\n` : '';
  return `${heading('Busiest pairs (times in UTC)')}\n${pairRows(pairs.slice(0, maxShownPairs))}${more}`;
}

/** Formats pairs as a table without a heading. If pairs have a scope, the last column names it. */
export function pairRows(pairs: readonly PairCounter[]): string {
  const hasScope = pairs.some(({ scope }) => scope);
  const rows = pairs.map(({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }) => [
    ...[printable(src), printable(dst), byteSize(bytes), formatInteger(rejects)],
    ...(firstSeen === Number.POSITIVE_INFINITY ? ['-', '-'] : [utc(firstSeen), utc(lastSeen)]),
    ...(hasScope ? [scope ? scopeName(scope) : ''] : []),
  ]);
  return table(hasScope ? [...columns, 'scope'] : columns, rows, [2, 3]);
}
