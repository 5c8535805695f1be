import { duration, utc } from '../../../lambda/common/format-units.ts';
import { longerInterval } from '../../statistics/interval-lengths.ts';
import type { Bins } from './bins.ts';
import { chartText, colour } from './chart.ts';

/**
 * Makes a time axis with a position for each interval, and as many labels as fit.
 *
 * @param width width of the chart, in pixels
 */
export function timeAxis({ starts, seconds }: Bins, width: number, more: object = {}) {
  const isLong = starts.length * seconds > 86_400;
  let step = seconds;
  const maxLabels = Math.max(2, width / (isLong ? 110 : 70));
  while ((starts.length * seconds) / step > maxLabels) step = longerInterval(step);
  return {
    type: 'category' as const,
    data: starts.map((start) => axisTime(start, isLong, seconds)),
    axisLabel: {
      ...chartText,
      margin: 11,
      hideOverlap: true,
      interval: (index: number) => starts[index]! % step === 0,
    },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colour('line') } },
    axisPointer: { type: 'shadow', shadowStyle: { color: colour('hover') } },
    ...more,
  };
}

function axisTime(at: number, isLong: boolean, seconds: number): string {
  const text = utc(at);
  if (seconds >= 86_400) return text.slice(0, 10);
  return isLong ? text.slice(5, 16) : text.slice(11, 16);
}

/** Makes a numeric axis that starts at zero. */
export function valueAxis(format: (value: number) => string, more: object = {}) {
  return {
    type: 'value' as const,
    minInterval: 1,
    splitNumber: 3,
    axisLabel: { ...chartText, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: colour('faint') } },
    axisLine: { show: false },
    ...more,
  };
}

/** Formats an interval: `2026-11-24 09:00:00 to 09:05:00 UTC`. */
export function binText(start: number, seconds: number): string {
  const [from, to] = [utc(start), utc(start + seconds)];
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to} UTC`;
}

/** Formats the caption of the bars. */
export function barText({ seconds }: Bins): string {
  return `Times in UTC; each bar is ${duration(seconds)}.`;
}
