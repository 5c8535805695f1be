import { allSeriesOf, measuredFields } from './correlation.ts';
import { type EventReader, eventReader } from './event-fields.ts';
import { eventMatcher } from './event-matcher.ts';
import type { EventSource } from './event-source.ts';
import type { EventSeries, LoadedSeries } from './loaded.ts';
import type { Lookups } from './match.ts';
import type { Rule } from './model.ts';

/**
 * Returns the series of events of a rule set by their source.
 *
 * @throws FlowError `CONFIG_INVALID` if a predicate refers to an unknown list
 */
export function eventSeriesOf(
  all: readonly LoadedSeries[],
  rules: readonly Rule[],
  lookups: Lookups,
): ReadonlyMap<EventSource, readonly EventSeries[]> {
  const ofFlows = new Set(all.flatMap(({ id, source }) => (source ? [] : id)));
  const withFlows = new Set(rules.map(allSeriesOf).flatMap((ids) => (ids.some((id) => ofFlows.has(id)) ? ids : [])));
  const found = all.flatMap((series): [EventSource, EventSeries][] => {
    const { id, source, where, groupFields } = series;
    if (!source) return [];
    const one = {
      series,
      matches: eventMatcher(where, lookups),
      readKey: groupFields.map(eventReader),
      readValues: valueReaders(series),
      isWithFlows: withFlows.has(id),
    };
    return [[source, one]];
  });
  const bySource = Map.groupBy(found, ([source]) => source);
  return new Map([...bySource].map(([source, entries]) => [source, entries.map(([, one]) => one)]));
}

function valueReaders(series: LoadedSeries): readonly EventReader[] | undefined {
  if (series.measure.kind !== 'distinct') return undefined;
  const [first, ...others] = measuredFields(series);
  // The time of the event, for an order: see Measure.
  return first === 'end' ? [({ time }) => [String(time)]] : [first!, ...others].map(eventReader);
}
