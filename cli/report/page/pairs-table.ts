import type { PairCounter } from '../../statistics/pair-counter.ts';
import { counted, element, logged, sized, timed } from './element.ts';
import type { Column } from './sortable-table.ts';

/** What is said of a pair, wherever pairs are listed. */
export const pairColumns: readonly Column<PairCounter>[] = [
  { heading: 'Source', cell: ({ src }) => address(src), by: ({ src }) => src },
  { heading: 'Destination', cell: ({ dst }) => address(dst), by: ({ dst }) => dst },
  { heading: 'Accepted', cell: ({ bytes }) => sized(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Bytes', cell: ({ bytes }) => counted(bytes), by: ({ bytes }) => bytes, isNumber: true },
  { heading: 'Rejects', cell: ({ rejects }) => counted(rejects), by: ({ rejects }) => rejects, isNumber: true },
  { heading: 'First seen', cell: ({ firstSeen }) => timed(firstSeen), by: ({ firstSeen }) => firstSeen },
  { heading: 'Last seen', cell: ({ lastSeen }) => timed(lastSeen), by: ({ lastSeen }) => lastSeen },
];

function address(text: string): HTMLElement {
  return element('code', {}, logged(text));
}
