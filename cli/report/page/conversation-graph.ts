import { byteSize, formatInteger } from '../../../lambda/common/format-units.ts';
import { plural, printable, truncate } from '../../../lambda/common/text.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';
import { chartBox, chartText, colour, draw, tooltipLook, tooltipRows } from './chart.ts';
import type { Conversations } from './conversations.ts';
import { element } from './element.ts';
import { fitted, textWidth } from './fitted-text.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { pairColumnsOf } from './pairs-table.ts';
import { sortableTable } from './sortable-table.ts';

const rowHeight = 26;
/** Maximum number of characters of a name beside an address. */
const maxNameLength = 24;

/** Makes a graph of the conversations of an alert, and a table of the same pairs. */
export function conversationGraph(
  conversations: Conversations,
  endpoints: readonly string[],
  known: KnownAddresses,
): HTMLElement {
  const { pairs, columns } = conversations;
  if (pairs.length === 0) return element('p', {}, 'No pairs of these addresses were counted.');
  const rows = Math.max(...columns.map(({ length }) => length));
  const box = chartBox(rows * rowHeight + 40);
  const table = sortableTable('Who talks to whom', pairColumnsOf(pairs, known), 'Accepted');
  table.update(pairs);
  const key = element(
    'figcaption',
    {},
    'From left to right; the width grows with the bytes. ',
    element('span', { class: 'edge accepted' }, 'accepted'),
    element('span', { class: 'edge both' }, 'some rejected'),
    element('span', { class: 'edge rejected' }, 'all rejected'),
  );
  const marked = new Set(endpoints);
  draw(box, {
    option: (width) => option(conversations, { endpoints: marked, known }, rows, width),
    summary: summary(pairs),
  });
  return element('div', {}, element('figure', {}, box, key), table.element);
}

/** What the nodes say besides their addresses. */
interface NodeFacts {
  /** Addresses of the alert. */
  readonly endpoints: ReadonlySet<string>;
  readonly known: KnownAddresses;
}

function option({ columns, edges }: Conversations, { endpoints, known }: NodeFacts, rows: number, width: number) {
  const names = columns.map((addresses) =>
    addresses.map((address) => nodeName(printable(address), known.shortText(address), width * 0.3)),
  );
  // The name of an endpoint is centred above its node.
  const widest = (side: 0 | 2) => {
    const half = columns[side].length > 0 ? 0 : Math.max(...names[1]!.map(textWidth)) / 2;
    return Math.max(half, ...names[side]!.map(textWidth));
  };
  const sides = ['left', 'top', 'right'] as const;
  const position = (column: number, row: number) => {
    const spacing = rows / columns[column]!.length;
    return [column, (row + 0.5) * spacing] as [number, number];
  };
  const nodes = columns.flatMap((addresses, column) =>
    addresses.map((address, row) => ({
      id: `${column} ${row}`,
      name: withName(printable(address), known.shortText(address)),
      value: position(column, row),
      symbolSize: column === 1 ? 12 : 8,
      itemStyle: { color: colour(endpoints.has(address) ? 'text' : 'muted') },
      label: {
        show: true,
        position: sides[column]!,
        formatter: () => names[column]![row]!,
        fontWeight: endpoints.has(address) ? ('bold' as const) : ('normal' as const),
      },
    })),
  );
  const maxBytes = edges.reduce((max, { pair }) => Math.max(max, Number(pair.bytes)), 1);
  return {
    grid: { left: widest(0) + 16, right: widest(2) + 16, top: 18, bottom: 8, outerBoundsMode: 'none' as const },
    tooltip: {
      ...tooltipLook,
      trigger: 'item' as const,
      formatter: (params: unknown) => {
        const { dataType, dataIndex } = params as { dataType: string; dataIndex: number };
        if (dataType !== 'edge') return element('div', {}, nodes[dataIndex]!.name);
        const { src, dst, bytes, rejects } = edges[dataIndex]!.pair;
        return tooltipRows([src, dst].map((address) => withName(address, known.shortText(address))).join(' → '), [
          ['accepted', byteSize(bytes)],
          ['bytes', formatInteger(bytes)],
          ['rejects', formatInteger(rejects)],
        ]);
      },
    },
    xAxis: {
      type: 'value' as const,
      min: columns[0].length > 0 ? 0 : 1,
      max: columns[2].length > 0 ? 2 : 1,
      show: false,
    },
    yAxis: { type: 'value' as const, min: 0, max: rows, inverse: true, show: false },
    series: {
      type: 'graph' as const,
      coordinateSystem: 'cartesian2d' as const,
      emphasis: { disabled: true },
      label: { ...chartText, color: colour('text'), textBorderColor: colour('page'), textBorderWidth: 3 },
      data: nodes,
      links: edges.map(({ pair, from, to }) => ({
        source: from.join(' '),
        target: to.join(' '),
        lineStyle: { ...edgeLook(pair), width: edgeWidth(Number(pair.bytes), maxBytes), curveness: 0, opacity: 0.75 },
      })),
    },
  };
}

function edgeLook({ bytes, rejects }: PairCounter) {
  if (rejects === 0) return { color: colour('accent'), type: 'solid' as const };
  return bytes > 0
    ? { color: colour('mixed'), type: 'solid' as const }
    : { color: colour('reject'), type: 'dashed' as const };
}

/** Returns the width of an edge in pixels: its square grows with the bytes, from a visible minimum. */
function edgeWidth(bytes: number, maxBytes: number): number {
  return 1.5 + 8.5 * Math.sqrt(bytes / maxBytes);
}

function withName(address: string, name: string | undefined): string {
  return name === undefined ? address : `${address} ${printable(name)}`;
}

/** Returns the label of a node: its address, and its name if both fit into a width in pixels. */
function nodeName(address: string, name: string | undefined, maxWidth: number): string {
  const both = withName(address, name && truncate(name, maxNameLength));
  return textWidth(both) <= maxWidth ? both : fitted(address, maxWidth);
}

function summary(pairs: readonly PairCounter[]): string {
  const descriptions = pairs.slice(0, 3).map(({ src, dst, bytes, rejects }) => {
    return `${truncate(src, 45)} to ${truncate(dst, 45)}, ${byteSize(bytes)} and ${formatInteger(rejects)} rejects`;
  });
  return `Who talks to whom: ${plural(pairs.length, 'pair')}, in the table below. ${descriptions.join('; ')}.`;
}
