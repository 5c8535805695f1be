import type { Correlation, Rule } from './model.ts';

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

/** Whether what lies before a window counts too: that of a correlation in an order, which reaches back from its slot. */
export function looksBack({ correlation }: Rule): boolean {
  return correlation.type === 'temporal_ordered' && correlation.parts.some((part) => 'correlation' in part);
}

/** How many windows, one before the other, the rules look at that judge a series. */
export function windowsOf(series: string, rules: Iterable<Rule>): 1 | 2 {
  for (const rule of rules) if (looksBack(rule) && allSeriesOf(rule).includes(series)) return 2;
  return 1;
}

/** Whether a rule's alerts page nobody. */
export function isExperimental({ status }: Rule): boolean {
  return status === 'experimental';
}

/** Whether groups are pairs. @param groupBy field names in any order */
export function isOfPairs(groupBy: readonly string[]): boolean {
  return groupBy.length === 2 && groupBy.includes('srcaddr') && groupBy.includes('dstaddr');
}
