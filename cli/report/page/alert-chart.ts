import { formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { nounText } from './alert-counts.ts';
import type { Bins, Range } from './bins.ts';
import { colour, tooltipLook, tooltipRows } from './chart.ts';
import { element } from './element.ts';
import { levelCounts, levels } from './levels.ts';
import type { ShownAlert } from './shown-alert.ts';
import { axisName, binText, timeAxis, valueAxis } from './time-axis.ts';
import { timeChart } from './time-chart.ts';

const maxBars = 96;

/** The chart of alerts over time. */
export interface AlertChart {
  readonly element: HTMLElement;
  /** Draws the alerts of a range of time. */
  update(alerts: readonly ShownAlert[], shown: Range): void;
}

/** Makes the chart of alerts over time, by level. @param choose receives the selected range; undefined for the whole */
export function alertChart(whole: Range, choose: (chosen: Range | undefined) => void): AlertChart {
  const chart = timeChart({ name: 'alerts over time', height: 224, maxBars, whole, choose });
  return {
    element: chart.element,
    update(alerts, shown) {
      chart.update(shown, {
        times: alerts.map(({ at }) => at),
        option: (bins, width) => option(alerts, bins, width),
        summary: (bins) => summary(alerts, bins),
        caption: () => [legend()],
      });
    },
  };
}

function legend(): HTMLElement {
  const entries = levels.map((level) => element('span', { class: `level ${level}` }, level));
  return element('span', { class: 'legend' }, ...entries);
}

function option(alerts: readonly ShownAlert[], bins: Bins, width: number) {
  const counts = levels.map((level) => ({ level, counts: countsOf(alerts, level, bins) }));
  return {
    grid: { left: 52, right: 16, top: 28, bottom: 52, outerBoundsMode: 'none' as const },
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
    xAxis: timeAxis(bins, width),
    yAxis: valueAxis(formatInteger, axisName('Alerts')),
    series: counts.toReversed().map((one) => ({
      type: 'bar' as const,
      name: one.level,
      stack: 'alerts',
      barCategoryGap: '15%',
      barMaxWidth: 28,
      itemStyle: { color: colour(one.level) },
      emphasis: { disabled: true },
      data: one.counts,
    })),
  };
}

function countsOf(alerts: readonly ShownAlert[], level: string | undefined, bins: Bins): number[] {
  const counts = bins.starts.map(() => 0);
  for (const one of alerts) {
    const index = level === undefined || one.level === level ? bins.indexOf(one.at) : undefined;
    if (index !== undefined) counts[index]! += one.count;
  }
  return counts;
}

function summary(shown: readonly ShownAlert[], bins: Bins): string {
  const alerts = shown.filter(({ count }) => count > 0);
  if (alerts.length === 0) return 'Alerts over time: none.';
  const totals = countsOf(alerts, undefined, bins);
  const max = totals.reduce((a, b) => Math.max(a, b), 0);
  const times = alerts.map(({ at }) => at);
  const first = utc(times.reduce((a, b) => Math.min(a, b)));
  const last = utc(times.reduce((a, b) => Math.max(a, b)));
  const fullest = binText(bins.starts[totals.indexOf(max)]!, bins.seconds);
  const all = alerts.reduce((sum, { count }) => sum + count, 0);
  return `Alerts over time: ${nounText(all, 'alert')} (${levelCounts(alerts)}) from ${first} to ${last} UTC; most, ${formatInteger(max)}, from ${fullest}.`;
}
