import { byteSize, formatInteger } from '../../../lambda/common/format-units.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { printable } from '../../../lambda/common/text.ts';
import type { OutsideRow } from '../../statistics/outside-traffic.ts';
import { chartBox, chartText, colour, draw, tooltipLook, tooltipRows } from './chart.ts';
import { element } from './element.ts';
import { fitted, textWidth } from './fitted-text.ts';
import { placeName } from './place-name.ts';
import { valueAxis } from './time-axis.ts';

const maxBars = 12;
const barHeight = 26;

/** A bar of the chart: the bytes to a country, or to an AWS Region. */
interface Bar {
  readonly name: string;
  readonly bytesOut: Quantity;
  readonly bytesIn: Quantity;
  readonly flows: number;
}

/** Makes a chart of the bytes to each country, the most first; the others share the last bar. */
export function countryChart(rows: readonly OutsideRow[]): HTMLElement {
  const bars = barsOf(rows);
  const box = chartBox(bars.length * barHeight + 40);
  draw(box, { option: (width) => option(bars, width), summary: summary(bars) });
  const caption = 'Accepted bytes to outside addresses, by country of the registry; an AWS Region has its own bar.';
  return element('figure', {}, box, element('figcaption', {}, caption));
}

function barsOf(rows: readonly OutsideRow[]): Bar[] {
  const byName = new Map<string, Bar>();
  for (const row of rows) {
    const name = placeName(row);
    byName.set(name, sumOf(name, [byName.get(name) ?? noTraffic, row]));
  }
  const all = [...byName.values()];
  // Unlike the rows of one operator, those of a country are not in the order of their sums.
  all.sort((a, b) => (a.bytesOut === b.bytesOut ? 0 : a.bytesOut > b.bytesOut ? -1 : 1));
  if (all.length <= maxBars) return all;
  const rest = all.slice(maxBars - 1);
  return [...all.slice(0, maxBars - 1), sumOf(`${formatInteger(rest.length)} others`, rest)];
}

const noTraffic = { bytesOut: 0, bytesIn: 0, flows: 0 };

function sumOf(name: string, all: readonly Omit<Bar, 'name'>[]): Bar {
  return all.reduce<Bar>(
    (sum, { bytesOut, bytesIn, flows }) => ({
      name,
      bytesOut: addQuantity(sum.bytesOut, bytesOut),
      bytesIn: addQuantity(sum.bytesIn, bytesIn),
      flows: sum.flows + flows,
    }),
    { name, ...noTraffic },
  );
}

function option(bars: readonly Bar[], width: number) {
  const labels = bars.map(({ name }) => labelOf(printable(name), width * 0.45));
  const labelWidth = Math.max(...labels.map(textWidth));
  return {
    grid: { left: labelWidth + 10, right: 76, top: 4, bottom: 30, outerBoundsMode: 'none' as const },
    tooltip: {
      ...tooltipLook,
      trigger: 'axis' as const,
      axisPointer: { type: 'shadow' as const, shadowStyle: { color: colour('hover') } },
      formatter: (params: unknown) => {
        const { name, bytesOut, bytesIn, flows } = bars[(params as { dataIndex: number }[])[0]?.dataIndex ?? 0]!;
        return tooltipRows(name, [
          ['out', byteSize(bytesOut)],
          ['bytes out', formatInteger(bytesOut)],
          ['in', byteSize(bytesIn)],
          ['flow records', formatInteger(flows)],
        ]);
      },
    },
    xAxis: valueAxis(byteSize, { splitNumber: width < 500 ? 1 : 3 }),
    yAxis: {
      type: 'category' as const,
      inverse: true,
      data: labels,
      axisLabel: { ...chartText, color: colour('text'), interval: 0 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('line') } },
    },
    series: {
      type: 'bar' as const,
      barCategoryGap: '30%',
      itemStyle: { color: colour('accent') },
      emphasis: { disabled: true },
      label: {
        ...chartText,
        show: true,
        position: 'right' as const,
        formatter: ({ dataIndex }: { dataIndex: number }) => byteSize(bars[dataIndex]!.bytesOut),
      },
      data: bars.map(({ bytesOut }) => Number(bytesOut)),
    },
  };
}

/** Fits a label to a width in pixels; the caption says what the country is. */
function labelOf(name: string, maxWidth: number): string {
  return textWidth(name) <= maxWidth ? name : fitted(name.replace(' (registry)', ''), maxWidth);
}

function summary(bars: readonly Bar[]): string {
  const texts = bars.map(({ name, bytesOut }) => `${name} ${byteSize(bytesOut)}`);
  return `Accepted bytes to each country: ${texts.join('; ')}. The table below has the operators.`;
}
