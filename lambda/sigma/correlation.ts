import type { Correlation, Rule } from './compiled.ts';

/** The series whose flows a correlation is about, without those that only serve its arithmetic; the first is first. */
export function seriesOf(correlation: Correlation): readonly string[] {
  switch (correlation.type) {
    case 'value_avg':
      return correlation.sums;
    case 'value_percentile':
      return correlation.above;
    case 'temporal':
    case 'temporal_ordered':
      return correlation.parts.flatMap((part) => ('times' in part ? [part.times] : part.correlation.series));
    default:
      return correlation.series;
  }
}

/** All series that a rule judges by: an addition to any of them may make it due. */
export function allSeriesOf({ correlation, extension }: Rule): readonly string[] {
  const arithmetic =
    correlation.type === 'value_avg'
      ? correlation.counts
      : correlation.type === 'value_percentile'
        ? correlation.all
        : [];
  return [...new Set([...seriesOf(correlation), ...arithmetic, ...(extension.silent ? [extension.silent.while] : [])])];
}
