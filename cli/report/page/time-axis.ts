import { duration, utc } from '../../../lambda/common/format-units.ts';
import type { Bins } from './bins.ts';
import { chartText, colour } from './chart.ts';

const minute = 60;
const hour = 3600;
const day = 86_400;

/** Distances between labels, in seconds. */
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 4, 7, 14, 28, 56, 112, 364, 728, 1820, 3640].map((n) => n * day),
];

/** Width of a label in pixels, with the space around it. */
const labelWidths = { time: 56, dayAndTime: 96, day: 60, date: 92 };

/** Width of the part of a chart beside the axis, in pixels. */
const margin = 80;
const rightMargin = 16;

/**
 * Makes a time axis with a position for each interval, and as many labels as fit.
 *
 * @param width width of the chart, in pixels
 */
export function timeAxis({ starts, seconds }: Bins, width: number, more: object = {}) {
  const { step, label, labelWidth } = labelsOf(starts.length * seconds, seconds, width - margin);
  const barWidth = (width - margin) / starts.length;
  // A label is centred on its bar, and the chart ends soon after the last bar.
  const fits = (index: number) => (starts.length - index - 0.5) * barWidth + rightMargin >= labelWidth / 2;
  const origin = step < day ? 0 : Math.ceil(starts[0]! / day) * day;
  return {
    type: 'category' as const,
    data: starts.map(label),
    name: 'Time (UTC)',
    nameLocation: 'middle' as const,
    nameGap: 34,
    nameTextStyle: chartText,
    axisLabel: {
      ...chartText,
      margin: 11,
      hideOverlap: true,
      interval: (index: number) => (starts[index]! - origin) % step === 0 && fits(index),
    },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colour('line') } },
    axisPointer: { type: 'shadow', shadowStyle: { color: colour('hover') } },
    ...more,
  };
}

/** Chooses the distance of labels and their form. @param length length of the axis in seconds */
function labelsOf(length: number, barSeconds: number, pixels: number) {
  const form = (step: number): { width: number; label: (at: number) => string } => {
    if (length > 330 * day) return { width: labelWidths.date, label: (at) => utc(at).slice(0, 10) };
    if (step >= day) return { width: labelWidths.day, label: (at) => utc(at).slice(5, 10) };
    if (length > day) return { width: labelWidths.dayAndTime, label: (at) => utc(at).slice(5, 16) };
    return { width: labelWidths.time, label: (at) => utc(at).slice(11, 16) };
  };
  const fits = (step: number) => step % barSeconds === 0 && (length / step) * form(step).width <= pixels;
  const step = steps.find(fits) ?? Math.max(barSeconds, Math.ceil(length / 2 / barSeconds) * barSeconds);
  const { label, width } = form(step);
  return { step, label, labelWidth: width };
}

/** Names a numeric axis above its end. */
export function axisName(name: string) {
  return {
    name,
    nameLocation: 'end' as const,
    nameTextStyle: { ...chartText, align: 'left' as const, padding: [0, 0, 0, -4] },
  };
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
