import type { Correlation, Rule, Series } from './model.ts';

/** Returns the series with the flows of a correlation, without those that only serve its arithmetic. */
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

/** Returns all series that a rule reads: an addition to any of them may make the rule due. */
export function allSeriesOf({ correlation, extension }: Rule): readonly string[] {
  const arithmetic =
    correlation.type === 'value_avg'
      ? correlation.counts
      : correlation.type === 'value_percentile'
        ? correlation.all
        : [];
  return [...new Set([...seriesOf(correlation), ...arithmetic, ...(extension.silent ? [extension.silent.while] : [])])];
}

/** Returns the series that some rules read, of those of a rule set. */
export function seriesOfRules(rules: readonly Rule[], series: readonly Series[]): Series[] {
  const needed = new Set(rules.flatMap(allSeriesOf));
  return series.filter(({ id }) => needed.has(id));
}

/** Returns whether a rule reads slots before its window: a part of an ordered correlation has a window of its slot. */
export function needsEarlierWindow({ correlation }: Rule): boolean {
  return correlation.type === 'temporal_ordered' && correlation.parts.some((part) => 'correlation' in part);
}

/** Returns the number of consecutive windows that rules read of a series. */
export function windowCount(series: string, rules: Iterable<Rule>): 1 | 2 {
  for (const rule of rules) if (needsEarlierWindow(rule) && allSeriesOf(rule).includes(series)) return 2;
  return 1;
}

/**
 * GuardDuty sends the later activity of a finding up to six hours late by default (GuardDuty User Guide, "Frequency of
 * findings"). EventBridge and a retry may take some minutes more.
 */
const lateEventSeconds = 6 * 3600 + 900;

/** Returns how late an event may be that a rule reads together with a series, in seconds; 0 without such a rule. */
export function lateEventSecondsOf(series: string, rules: Iterable<Rule>): number {
  for (const rule of rules) {
    if (rule.sources?.includes('guardduty') && allSeriesOf(rule).includes(series)) return lateEventSeconds;
  }
  return 0;
}

/** Returns the fields whose values a series measures. */
export function measuredFields({ measure }: Pick<Series, 'measure'>): string[] {
  if (!('field' in measure)) return [];
  return [measure.field, ...('also' in measure ? (measure.also ?? []) : [])];
}

/** Returns whether a rule's alerts are log-only. */
export function isExperimental({ status }: Rule): boolean {
  return status === 'experimental';
}

/**
 * Returns the name of the time from which a rule with `first_seen` learns: empty for pairs, which are counted without rules;
 * else the series of the rule, so that a changed rule learns again.
 */
export function learningName({ groupBy, correlation }: Pick<Rule, 'groupBy' | 'correlation'>): string {
  return isOfPairs(groupBy) ? '' : seriesOf(correlation).toSorted().join();
}

/** Returns whether groups are pairs. @param groupBy field names in any order */
export function isOfPairs(groupBy: readonly string[]): boolean {
  return groupBy.length === 2 && groupBy.includes('srcaddr') && groupBy.includes('dstaddr');
}
