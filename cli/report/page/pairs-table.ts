import type { PairCounter } from '../../statistics/pair-counter.ts';
import { byteSizeElement, element, integerElement, timeElement, untrustedText } from './element.ts';
import type { Column } from './sortable-table.ts';

/** Columns of every table of pairs. */
export const pairColumns: readonly Column<PairCounter>[] = [
  { heading: 'Source', cell: ({ src }) => address(src), by: ({ src }) => src },
  { heading: 'Destination', cell: ({ dst }) => address(dst), by: ({ dst }) => dst },
  { heading: 'Accepted', cell: ({ bytes }) => byteSizeElement(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Bytes', cell: ({ bytes }) => integerElement(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Rejects', cell: ({ rejects }) => integerElement(rejects), by: ({ rejects }) => rejects, isNumber: true },
  { heading: 'First seen', cell: ({ firstSeen }) => timeElement(firstSeen), by: ({ firstSeen }) => firstSeen },
  { heading: 'Last seen', cell: ({ lastSeen }) => timeElement(lastSeen), by: ({ lastSeen }) => lastSeen },
];

function address(text: string): HTMLElement {
  return element('code', {}, untrustedText(text));
}
