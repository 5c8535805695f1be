import { formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { plural } from '../../../lambda/common/text.ts';
import { type Bins, binsOf, type Range } from './bins.ts';
import { type Chart, chartBox, colour, draw, tooltipLook, tooltipRows } from './chart.ts';
import { element } from './element.ts';
import type { Filters } from './filters.ts';
import { levelCounts, levels } from './levels.ts';
import type { ShownAlert } from './shown-alert.ts';
import { barText, binText, timeAxis, valueAxis } from './time-axis.ts';

const maxBars = 96;

/** A touch gesture on the chart scrolls the page, so it does not select. */
const isTouch = matchMedia('(pointer: coarse)').matches;

/** The chart of alerts over time. */
export interface AlertChart {
  readonly element: HTMLElement;
  /** @param alerts alerts that pass all filters except the time, which is only highlighted */
  update(alerts: readonly ShownAlert[], filters: Filters): void;
}

/** Makes the chart of alerts over time, by level. The pointer selects a range of time, as the fields of the filter do. */
export function alertChart(range: Range, choose: (chosen: Range) => void): AlertChart {
  const box = chartBox(190);
  const bins = binsOf(range, maxBars);
  const hint = `${isTouch ? 'Tap a bar' : 'Click a bar, or drag over several,'} to filter by that time.`;
  const figure = element(
    'figure',
    {},
    box,
    element('figcaption', {}, legend(), barText(bins), element('span', { class: 'hint' }, hint)),
  );
  return {
    element: figure,
    update(alerts, filters) {
      draw(box, {
        option: (width) => option(alerts, filters, bins, width),
        summary: summary(alerts, bins),
        ready: (chart) => listen(chart, bins, choose),
      });
    },
  };
}

function legend(): HTMLElement {
  const entries = levels.map((level) => element('span', { class: `level ${level}` }, level));
  return element('span', { class: 'legend' }, ...entries);
}

function listen(chart: Chart, { starts, seconds }: Bins, choose: (chosen: Range) => void): void {
  const chosen = (first: number, last: number) => {
    const [from, to] = [starts[first], starts[last]];
    if (from !== undefined && to !== undefined) choose({ from, to: to + seconds });
  };
  const brush = { type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } };
  // A new option resets the cursor.
  if (!isTouch) chart.on('finished', () => chart.dispatchAction(brush));
  chart.on('brushEnd', (event) => {
    const [area] = (event as { areas?: { coordRange?: [number, number] }[] }).areas ?? [];
    if (!area?.coordRange) return;
    const [first, last] = area.coordRange.map((bar) => Math.min(starts.length - 1, Math.max(0, Math.round(bar))));
    chosen(first!, last!);
  });
  chart.getZr().on('click', ({ offsetX, offsetY }) => {
    if (!chart.containPixel('grid', [offsetX, offsetY])) return;
    const [index] = chart.convertFromPixel('grid', [offsetX, offsetY]) as number[];
    chosen(index!, index!);
  });
}

function option(alerts: readonly ShownAlert[], { from, to }: Filters, bins: Bins, width: number) {
  const counts = levels.map((level) => ({ level, counts: countsOf(alerts, level, bins) }));
  const isChosen = (start: number) => {
    return start + bins.seconds > (from ?? Number.NEGATIVE_INFINITY) && start < (to ?? Number.POSITIVE_INFINITY);
  };
  return {
    grid: { left: 44, right: 16, top: 12, bottom: 30, outerBoundsMode: 'none' as const },
    tooltip: {
      ...tooltipLook,
      trigger: 'axis' as const,
      formatter: (params: unknown) => {
        const index = (params as { dataIndex: number }[])[0]?.dataIndex ?? 0;
        const rows = counts.map((one) => [one.level, formatInteger(one.counts[index] ?? 0)] as const);
        const title = binText(bins.starts[index] ?? 0, bins.seconds);
        return tooltipRows(
          title,
          rows.filter(([, count]) => count !== '0'),
        );
      },
    },
    brush: {
      xAxisIndex: 0,
      transformable: false,
      brushStyle: { color: colour('hover'), borderColor: colour('accent'), borderWidth: 1 },
      outOfBrush: { colorAlpha: 1 },
    },
    xAxis: timeAxis(bins, width),
    yAxis: valueAxis(formatInteger),
    series: counts.toReversed().map((one) => ({
      type: 'bar' as const,
      name: one.level,
      stack: 'alerts',
      barCategoryGap: '15%',
      barMaxWidth: 28,
      itemStyle: { color: colour(one.level) },
      emphasis: { disabled: true },
      data: one.counts.map((value, index) => ({
        value,
        itemStyle: { opacity: isChosen(bins.starts[index]!) ? 1 : 0.25 },
      })),
    })),
  };
}

function countsOf(alerts: readonly ShownAlert[], level: string, bins: Bins): number[] {
  const counts = bins.starts.map(() => 0);
  for (const one of alerts) {
    const index = one.level === level ? bins.indexOf(one.at) : undefined;
    if (index !== undefined) counts[index]! += 1;
  }
  return counts;
}

function summary(alerts: readonly ShownAlert[], bins: Bins): string {
  if (alerts.length === 0) return 'Alerts over time: none.';
  const totals = bins.starts.map(() => 0);
  for (const { at } of alerts) totals[bins.indexOf(at) ?? 0]! += 1;
  const max = totals.reduce((a, b) => Math.max(a, b), 0);
  const times = alerts.map(({ at }) => at);
  const first = utc(times.reduce((a, b) => Math.min(a, b)));
  const last = utc(times.reduce((a, b) => Math.max(a, b)));
  const fullest = binText(bins.starts[totals.indexOf(max)]!, bins.seconds);
  return `Alerts over time: ${plural(alerts.length, 'alert')} (${levelCounts(alerts)}) from ${first} to ${last} UTC; most, ${formatInteger(max)}, from ${fullest}.`;
}
