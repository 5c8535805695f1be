import { DeltaBuilder } from '../../lambda/aggregate/delta-builder.ts';
import { isPlausible, startOf, type TimeBounds } from '../../lambda/aggregate/plausible-time.ts';
import { parseQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import { type CounterKey, counterKey, pairKey } from '../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { storedValue } from '../../lambda/counters/distinct-value.ts';
import { contributionOf, isDuplicateObservation } from '../../lambda/flow-log/contribution.ts';
import { endpointValue } from '../../lambda/flow-log/endpoints.ts';
import { type Flow, timeOf } from '../../lambda/flow-log/flow.ts';
import { type ArrivedFlow, rowsOf } from '../../lambda/flow-log/flow-rows.ts';
import { type Scope, scopeOfWords, scopeReader } from '../../lambda/flow-log/scope.ts';
import { measuredFields } from '../../lambda/rules/correlation.ts';
import type { LoadedRules, LoadedSeries } from '../../lambda/rules/loaded.ts';

/**
 * Adds up flows per counter the obvious way: the slow twin of aggregate, without the limits of a batch. It matches each
 * flow with each series, and finds a counter by its key.
 */
export function aggregateByFlow(flows: readonly ArrivedFlow[], rules: LoadedRules, bounds: TimeBounds): KeyDelta[] {
  const { series: allSeries, monitoredNetworks, scope } = rules;
  const rows = rowsOf(flows);
  const counters = new Map<string, DeltaBuilder>();
  const counterOf = (key: CounterKey) => {
    const counter = counters.get(key.pk) ?? new DeltaBuilder(key);
    counters.set(key.pk, counter);
    return counter;
  };
  for (const [row, { flow, arrival }] of flows.entries()) {
    const time = timeOf(flow) ?? arrival;
    const isInTime = isPlausible(time, arrival, bounds);
    const end = isInTime ? time : arrival;
    const start = isInTime ? startOf(flow, end) : arrival;
    const [src, dst] = [endpointValue(flow, 'srcaddr'), endpointValue(flow, 'dstaddr')];
    const contribution = contributionOf(flow, monitoredNetworks);
    if (src !== undefined && dst !== undefined && contribution) {
      const pair = counterOf(pairKey(src, dst, scopeOf(flow, scope)));
      pair.addContribution(contribution.bytes, contribution.rejects, start, end);
    }
    if (!isInTime || isDuplicateObservation(flow, monitoredNetworks)) continue;
    for (const series of allSeries.values()) {
      const weight = series.matches(flow, time) ? weightOf(flow, series, end) : undefined;
      const values = series.groupFields.map((name) => endpointValue(flow, name));
      if (weight === undefined || values.includes(undefined)) continue;
      const isOfInterface = series.groupBy.join() === 'interface-id';
      const ofGroup = scopeOf(flow, scope && isOfInterface ? 'account' : scope);
      const counter = counterOf(counterKey(series.groupBy, values as string[], ofGroup));
      counter.addToSeries(series, weight, start, end, rows, row);
    }
  }
  const all = [...counters.values()];
  return [...all.filter(({ isPair }) => isPair), ...all.filter(({ isPair }) => !isPair)].flatMap((one) => one.deltas());
}

function scopeOf(flow: Flow, scope: Scope | undefined): CounterKey['scope'] {
  return scopeOfWords(scopeReader(scope)(flow).split(' ').slice(1));
}

function weightOf(flow: Flow, series: LoadedSeries, end: number): Quantity | string | undefined {
  const { measure } = series;
  if (measure.kind === 'count' || measure.kind === 'presence') return 1;
  if (measure.kind === 'distinct' && measure.field === 'end') return String(end);
  const values = measuredFields(series).map((name) => endpointValue(flow, name));
  if (values.includes(undefined)) return undefined;
  if (measure.kind === 'sum') return parseQuantity(values[0]!);
  return storedValue(values.length === 1 ? values[0]! : JSON.stringify(values));
}
