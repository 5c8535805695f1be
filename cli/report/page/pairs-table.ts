import { scopeName } from '../../../lambda/common/text.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';
import { button, byteSizeElement, element, integerElement, timeElement, untrustedText } from './element.ts';
import { hostLink } from './host-link.ts';
import { type KnownAddresses, knownLine } from './known-addresses.ts';
import type { Column } from './sortable-table.ts';

/** Returns the columns of a table of pairs, with the scope if the pairs have one. */
export function pairColumnsOf(pairs: readonly PairCounter[], known: KnownAddresses): readonly Column<PairCounter>[] {
  const address = (of: (pair: PairCounter) => string): Pick<Column<PairCounter>, 'cell' | 'by'> => ({
    cell: (pair) => addressCell(of(pair), known),
    by: of,
  });
  return [
    { heading: 'Source', ...address(({ src }) => src) },
    { heading: 'Destination', ...address(({ dst }) => dst) },
    ...sumColumns,
    ...(pairs.some(({ scope }) => scope) ? [scopeColumn] : []),
  ];
}

/** Makes an address with a line below it that says who has it, or where it leads. */
function addressCell(address: string, known: KnownAddresses): HTMLElement {
  const line = knownLine(known.shortText(address));
  return line ? element('span', {}, hostLink(address), line) : hostLink(address);
}

const scopeText = ({ scope }: PairCounter) => (scope ? scopeName(scope) : '');
const scopeColumn: Column<PairCounter> = {
  heading: 'Scope',
  cell: (pair) => untrustedText(scopeText(pair)),
  by: scopeText,
};

const sumColumns: readonly Column<PairCounter>[] = [
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
