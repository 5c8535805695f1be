import { byteSize, formatInteger } from '../../../lambda/common/format-units.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { Interval, Timeline } from '../../statistics/flow-timeline.ts';
import { type Bins, binsOf, type Range } from './bins.ts';
import { chartBox, chartText, colour, draw, tooltipLook, tooltipRows } from './chart.ts';
import { element } from './element.ts';
import { barText, binText, timeAxis, valueAxis } from './time-axis.ts';

const maxBars = 160;

type Sum = Omit<Interval, 'at'>;

/** Makes a chart of accepted bytes above and rejects below, on the same time axis. */
export function trafficChart(timeline: Timeline, range: Range): HTMLElement {
  const bins = binsOf(range, maxBars, timeline.seconds);
  const sums = bins.starts.map((): Sum => ({ bytes: 0, rejects: 0, flows: 0 }));
  let outside = 0;
  for (const one of timeline.intervals) {
    const index = bins.indexOf(one.at);
    if (index === undefined) outside += one.flows;
    else sums[index] = added(sums[index]!, one);
  }
  const box = chartBox(276);
  const note = outside === 0 ? '' : ` ${formatInteger(outside)} flow records with an outlying time are not shown.`;
  draw(box, { option: (width) => option(bins, sums, width), summary: summary(bins, sums) });
  return element('figure', {}, box, element('figcaption', {}, `${barText(bins)}${note}`));
}

function added(a: Sum, b: Sum): Sum {
  return { bytes: addQuantity(a.bytes, b.bytes), rejects: a.rejects + b.rejects, flows: a.flows + b.flows };
}

function option(bins: Bins, sums: readonly Sum[], width: number) {
  const title = (text: string, gridIndex: number) => ({
    name: text,
    nameLocation: 'end' as const,
    nameTextStyle: { ...chartText, align: 'left' as const, padding: [0, 0, 0, -4] },
    gridIndex,
  });
  const bars = (axis: number, shade: string, data: number[]) => ({
    type: 'bar' as const,
    xAxisIndex: axis,
    yAxisIndex: axis,
    barCategoryGap: '15%',
    barMaxWidth: 28,
    itemStyle: { color: colour(shade) },
    emphasis: { disabled: true },
    data,
  });
  const margins = { left: 64, right: 16 };
  return {
    grid: [
      { ...margins, top: 28, height: 92, outerBoundsMode: 'none' as const },
      { ...margins, top: 160, height: 92, outerBoundsMode: 'none' as const },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' as const }] },
    tooltip: {
      ...tooltipLook,
      trigger: 'axis' as const,
      formatter: (params: unknown) => {
        const index = (params as { dataIndex: number }[])[0]?.dataIndex ?? 0;
        const { bytes, rejects, flows } = sums[index]!;
        return tooltipRows(binText(bins.starts[index]!, bins.seconds), [
          ['accepted', byteSize(bytes)],
          ['bytes', formatInteger(bytes)],
          ['rejects', formatInteger(rejects)],
          ['flow records', formatInteger(flows)],
        ]);
      },
    },
    xAxis: [
      timeAxis(bins, width, { gridIndex: 0, axisLabel: { show: false } }),
      timeAxis(bins, width, { gridIndex: 1 }),
    ],
    yAxis: [valueAxis(byteSize, title('Accepted bytes', 0)), valueAxis(formatInteger, title('Rejects', 1))],
    series: [
      bars(
        0,
        'accent',
        sums.map(({ bytes }) => Number(bytes)),
      ),
      bars(
        1,
        'reject',
        sums.map(({ rejects }) => rejects),
      ),
    ],
  };
}

function summary(bins: Bins, sums: readonly Sum[]): string {
  const all = sums.reduce(added, { bytes: 0, rejects: 0, flows: 0 });
  const fullest = (value: (sum: Sum) => Quantity) => {
    const index = sums.reduce((best, sum, at) => (value(sum) > value(sums[best]!) ? at : best), 0);
    return { sum: sums[index]!, when: binText(bins.starts[index]!, bins.seconds) };
  };
  const [bytes, rejects] = [fullest((sum) => sum.bytes), fullest((sum) => sum.rejects)];
  return [
    `Traffic over time: ${byteSize(all.bytes)} accepted, ${formatInteger(all.rejects)} rejects.`,
    `Most bytes, ${byteSize(bytes.sum.bytes)}, from ${bytes.when}.`,
    ...(all.rejects > 0 ? [`Most rejects, ${formatInteger(rejects.sum.rejects)}, from ${rejects.when}.`] : []),
  ].join(' ');
}
