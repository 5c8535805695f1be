import type { PairCounter } from '../../statistics/pair-counter.ts';
import { button, byteSizeElement, integerElement, timeElement } from './element.ts';
import { hostLink } from './host-link.ts';
import type { Column } from './sortable-table.ts';

/** Columns of every table of pairs. */
export const pairColumns: readonly Column<PairCounter>[] = [
  { heading: 'Source', cell: ({ src }) => hostLink(src), by: ({ src }) => src },
  { heading: 'Destination', cell: ({ dst }) => hostLink(dst), by: ({ dst }) => dst },
  { heading: 'Accepted', cell: ({ bytes }) => byteSizeElement(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Bytes', cell: ({ bytes }) => integerElement(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Rejects', cell: ({ rejects }) => integerElement(rejects), by: ({ rejects }) => rejects, isNumber: true },
  { heading: 'First seen', cell: ({ firstSeen }) => timeElement(firstSeen), by: ({ firstSeen }) => firstSeen },
  { heading: 'Last seen', cell: ({ lastSeen }) => timeElement(lastSeen), by: ({ lastSeen }) => lastSeen },
];

/** Makes the column of a button for each pair. @param show shows the hunt command of the pair */
export function huntColumn(show: (pair: PairCounter) => void): Column<PairCounter> {
  return {
    heading: 'Hunt',
    cell: (pair) =>
      button('Hunt', () => show(pair), { class: 'copy', 'aria-label': `Hunt ${pair.src} and ${pair.dst}` }),
    isControl: true,
  };
}
