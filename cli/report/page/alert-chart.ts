import { formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { nounText } from './alert-counts.ts';
import type { Bins, Range } from './bins.ts';
import { colour, tooltipLook, tooltipRows } from './chart.ts';
import { countsText } from './context-section.ts';
import { element } from './element.ts';
import { levelCounts, levels } from './levels.ts';
import type { ReportedEvent } from './report-data.ts';
import type { ShownAlert } from './shown-alert.ts';
import { axisName, binText, timeAxis, valueAxis } from './time-axis.ts';
import { timeChart } from './time-chart.ts';

const maxBars = 96;

/** The chart of alerts over time. */
export interface AlertChart {
  readonly element: HTMLElement;
  /** Draws the alerts and the context events of a range of time. */
  update(alerts: readonly ShownAlert[], events: readonly ReportedEvent[], shown: Range): void;
}

/**
 * Makes the chart of alerts over time, by level.
 *
 * @param hasEvents whether to draw context events below the alerts, on the same time axis
 * @param choose receives the selected range; undefined for the whole
 */
export function alertChart(whole: Range, hasEvents: boolean, choose: (chosen: Range | undefined) => void): AlertChart {
  const height = hasEvents ? 224 + eventsHeight + eventsGap : 224;
  const chart = timeChart({ name: 'alerts over time', height, maxBars, whole, choose });
  return {
    element: chart.element,
    update(alerts, events, shown) {
      chart.update(shown, {
        times: alerts.map(({ at }) => at),
        option: (bins, width) =>
          hasEvents ? withEvents(option(alerts, bins, width), events, bins, width) : option(alerts, bins, width),
        summary: (bins) => [summary(alerts, bins), ...(hasEvents ? [eventsSummary(events, bins)] : [])].join(' '),
        caption: (bins) => [legend(hasEvents), hasEvents && outsideText(events, bins)],
      });
    },
  };
}

function legend(hasEvents: boolean): HTMLElement {
  const kinds = hasEvents ? eventKinds.map(({ kind, name }) => ({ kind, name: `${name}s` })) : [];
  const entries = [...levels.map((level) => ({ kind: level, name: level })), ...kinds].map(({ kind, name }) =>
    element('span', { class: `level ${kind}` }, name),
  );
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

/** Height of the part with context events, and the space above it, in pixels. */
const eventsHeight = 48;
const eventsGap = 36;

const eventKinds = [
  { kind: 'finding', name: 'GuardDuty finding', shade: 'accent' },
  { kind: 'change', name: 'change', shade: 'muted' },
] as const;

/** Adds context events to the chart of alerts, in a part below. */
function withEvents(alerts: ReturnType<typeof option>, events: readonly ReportedEvent[], bins: Bins, width: number) {
  const counts = eventKinds.map((one) => ({ ...one, counts: eventCounts(events, one.kind, bins) }));
  const { grid, tooltip, xAxis, yAxis, series } = alerts;
  const top = 224 - 52 + eventsGap;
  return {
    grid: [
      {
        left: grid.left,
        right: grid.right,
        top: grid.top,
        height: 224 - 52 - grid.top,
        outerBoundsMode: 'none' as const,
      },
      { left: grid.left, right: grid.right, top, height: eventsHeight, outerBoundsMode: 'none' as const },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' as const }] },
    tooltip: {
      ...tooltip,
      formatter: (params: unknown) => {
        const index = (params as { dataIndex: number }[])[0]?.dataIndex ?? 0;
        const rows = counts.map((one) => [`${one.name}s`, formatInteger(one.counts[index] ?? 0)] as const);
        const shown = tooltip.formatter(params);
        shown.append(
          tooltipRows(
            '',
            rows.filter(([, count]) => count !== '0'),
          ),
        );
        return shown;
      },
    },
    xAxis: [{ ...xAxis, gridIndex: 0, axisLabel: { show: false }, name: '' }, timeAxis(bins, width, { gridIndex: 1 })],
    yAxis: [
      { ...yAxis, gridIndex: 0 },
      valueAxis(formatInteger, { ...axisName('Findings and changes'), gridIndex: 1, splitNumber: 1 }),
    ],
    series: [
      ...series,
      ...counts.map((one) => ({
        ...{ type: 'bar' as const, name: one.name, stack: 'events', xAxisIndex: 1, yAxisIndex: 1 },
        ...{ barCategoryGap: '15%', barMaxWidth: 28, itemStyle: { color: colour(one.shade) } },
        ...{ emphasis: { disabled: true }, data: one.counts },
      })),
    ],
  };
}

function eventCounts(events: readonly ReportedEvent[], kind: string, bins: Bins): number[] {
  const counts = bins.starts.map(() => 0);
  for (const event of events) {
    const index = event.kind === kind ? bins.indexOf(event.time) : undefined;
    if (index !== undefined) counts[index]! += 1;
  }
  return counts;
}

/** Formats the number of events whose time the chart does not have; false if it has all. */
function outsideText(events: readonly ReportedEvent[], bins: Bins): HTMLElement | false {
  const outside = events.filter(({ time }) => bins.indexOf(time) === undefined).length;
  return (
    outside > 0 &&
    element('span', {}, `${nounText(outside, 'finding or change', 'findings and changes')} of another time: see below.`)
  );
}

function eventsSummary(events: readonly ReportedEvent[], bins: Bins): string {
  const shown = events.filter(({ time }) => bins.indexOf(time) !== undefined);
  return shown.length === 0 ? 'No findings or changes.' : `Below: ${countsText(shown)}.`;
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
