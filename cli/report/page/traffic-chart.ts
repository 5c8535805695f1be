import { byteSize, formatInteger } from '../../../lambda/common/format-units.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { Interval, Timeline } from '../../statistics/flow-timeline.ts';
import type { Bins, Range } from './bins.ts';
import { colour, tooltipLook, tooltipRows } from './chart.ts';
import { element } from './element.ts';
import { axisName, binText, timeAxis, valueAxis } from './time-axis.ts';
import { timeChart } from './time-chart.ts';
import { isWhole } from './zoom.ts';

const maxBars = 160;

type Sum = Omit<Interval, 'at'>;

/** The chart of traffic over time. */
export interface TrafficChart {
  readonly element: HTMLElement;
  /** Draws the traffic in a range of time. @param note further text of the caption */
  update(timeline: Timeline, shown: Range, note: string): void;
}

/**
 * Makes a chart of accepted bytes above and rejects below, on the same time axis.
 *
 * @param choose receives the selected range; undefined for the whole
 */
export function trafficChart(whole: Range, choose: (chosen: Range | undefined) => void): TrafficChart {
  const chart = timeChart({ name: 'traffic over time', height: 306, maxBars, whole, choose });
  return {
    element: chart.element,
    update(timeline, shown, note) {
      chart.update(shown, {
        minSeconds: timeline.seconds,
        times: timeline.intervals.map(({ at }) => at),
        option: (bins, width) => option(bins, sumsOf(timeline, bins), width),
        summary: (bins) => summary(bins, sumsOf(timeline, bins)),
        caption: (bins) =>
          [isWhole(shown, whole) && outlierText(timeline, bins), note].map((text) => text && element('span', {}, text)),
      });
    },
  };
}

function sumsOf({ intervals }: Timeline, bins: Bins): Sum[] {
  const sums = bins.starts.map((): Sum => ({ bytes: 0, rejects: 0, flows: 0 }));
  for (const one of intervals) {
    const index = bins.indexOf(one.at);
    if (index !== undefined) sums[index] = added(sums[index]!, one);
  }
  return sums;
}

/** Formats the number of flows whose time is far from all others. */
function outlierText({ intervals }: Timeline, bins: Bins): string | false {
  const outside = intervals.reduce((sum, { at, flows }) => (bins.indexOf(at) === undefined ? sum + flows : sum), 0);
  return outside > 0 && `${formatInteger(outside)} flow records with an outlying time are not shown.`;
}

function added(a: Sum, b: Sum): Sum {
  return { bytes: addQuantity(a.bytes, b.bytes), rejects: a.rejects + b.rejects, flows: a.flows + b.flows };
}

function option(bins: Bins, sums: readonly Sum[], width: number) {
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
      timeAxis(bins, width, { gridIndex: 0, axisLabel: { show: false }, name: '' }),
      timeAxis(bins, width, { gridIndex: 1 }),
    ],
    yAxis: [
      valueAxis(byteSize, { ...axisName('Accepted bytes'), gridIndex: 0 }),
      valueAxis(formatInteger, { ...axisName('Rejects'), gridIndex: 1 }),
    ],
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
