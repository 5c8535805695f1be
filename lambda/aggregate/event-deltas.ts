import type { ContextEvent } from '../context/context-event.ts';
import { occurrenceTime } from '../context/event-identity.ts';
import { type CounterKey, counterKey } from '../counters/counter-key.ts';
import { type Addition, type KeyDelta, maxKeyValueLength } from '../counters/delta.ts';
import { storedValue } from '../counters/distinct-value.ts';
import { slotOf } from '../counters/window.ts';
import { notAvailable } from '../flow-log/fields.ts';
import { type KeyScope, scopeWord } from '../flow-log/scope.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import { type EventReader, type RuleEvent, ruleEvent } from '../rules/event-fields.ts';
import type { EventSource } from '../rules/event-source.ts';
import type { EventSeries, LoadedRules } from '../rules/loaded.ts';
import { isPlausible, streamBounds } from './plausible-time.ts';
import { partsOf } from './update-parts.ts';

/** An event that rules read. */
export interface ObservedEvent {
  readonly source: EventSource;
  /** The record or finding as AWS writes it: `detail` of the EventBridge event. */
  readonly raw: unknown;
  /** The same event as it was read; its hosts are also those that have a changed security group: see resolvePlaces. */
  readonly event: ContextEvent;
}

/** The most values, or combinations of values, of one event: keys that it counts for, and distinct values of a key. */
export const maxValuesOfEvent = 16;

/**
 * Returns the updates of one event to the counters: for each series that matches it, and each value of its key. An event
 * that lacks a part of the key is not counted; nor is one whose time does not fit its arrival.
 *
 * @param arrival in epoch seconds
 */
export function eventDeltas(observed: ObservedEvent, rules: LoadedRules, arrival: number): KeyDelta[] {
  const { source, raw, event } = observed;
  const time = occurrenceTime(event);
  if (!isPlausible(time, arrival, streamBounds)) return [];
  const forRules = ruleEvent(raw, enrichmentOf(observed), time);
  const counters = new Map<string, { readonly key: CounterKey; readonly slots: EventSlot[] }>();
  for (const one of rules.eventSeries.get(source) ?? []) {
    if (!one.matches(forRules)) continue;
    const slot = slotOfEvent(one, forRules);
    if (!slot) continue;
    for (const values of combinationsOf(one.readKey, forRules)) {
      const key = counterKey(one.series.groupBy, values, scopeOf(one, values, observed, rules));
      const counter = counters.get(key.pk) ?? { key, slots: [] };
      counter.slots.push(slot);
      counters.set(key.pk, counter);
    }
  }
  return [...counters.values()].flatMap(({ key, slots }) => deltasOf(key, slots, event, time));
}

/** Returns our own fields of an event: see enrichedPaths. */
function enrichmentOf({ event }: ObservedEvent): Record<string, unknown> {
  const addresses = event.hosts.flatMap((host) => host.addresses);
  return { ...(event.kind === 'change' && { who: event.who }), addresses: [...new Set(addresses)] };
}

/** What an event adds to one slot of a series. */
interface EventSlot {
  readonly slotSeconds: number;
  readonly slot: number;
  readonly addition: Addition;
}

/** Returns what an event adds to a series; undefined if it lacks the value that the series counts. */
function slotOfEvent({ series, readValues }: EventSeries, event: RuleEvent): EventSlot | undefined {
  const { id, measure, slotSeconds } = series;
  const slot = slotOf(event.time, slotSeconds);
  if (measure.kind !== 'distinct') return { slotSeconds, slot, addition: { series: id, slot, amount: 1 } };
  const values = combinationsOf(readValues ?? [], event).map((all) =>
    storedValue(all.length === 1 ? all[0]! : JSON.stringify(all)),
  );
  if (values.length === 0) return undefined;
  return { slotSeconds, slot, addition: { series: id, slot, values: values.slice(0, measure.cap), cap: measure.cap } };
}

/** Returns the combinations of the values of several fields, each value once; none if a field has no value. */
function combinationsOf(readers: readonly EventReader[], event: RuleEvent): string[][] {
  let combinations: string[][] = [[]];
  for (const read of readers) {
    const values = new Set(read(event).map(boundedValue));
    values.delete('');
    const shown = [...values].slice(0, maxValuesOfEvent);
    combinations = combinations
      .flatMap((before) => shown.map((value) => [...before, value]))
      .slice(0, maxValuesOfEvent);
  }
  return combinations;
}

/** Returns an address in the spelling of flow logs, and any other value within the length of a key's value. */
function boundedValue(value: string): string {
  return canonicalAddress(value) ?? value.slice(0, maxKeyValueLength);
}

/**
 * Returns the scope of a counter of events. The scope `vpc` keeps the VPCs apart only where flows count in the same counters:
 * most events belong to an account, and to no VPC.
 */
function scopeOf(
  { isWithFlows }: EventSeries,
  values: readonly string[],
  { event }: ObservedEvent,
  { scope }: Pick<LoadedRules, 'scope'>,
): KeyScope | undefined {
  if (!scope) return undefined;
  const account = scopeWord(event.account);
  if (scope === 'account' || !isWithFlows) return { 'account-id': account };
  const named = event.hosts.find(({ addresses, instance, interface: eni }) =>
    [...addresses, instance, eni].some((name) => name !== undefined && values.includes(name)),
  );
  return { 'account-id': account, 'vpc-id': scopeWord(named?.vpc ?? notAvailable) };
}

function deltasOf(key: CounterKey, slots: readonly EventSlot[], event: ContextEvent, time: number): KeyDelta[] {
  const events = new Map(slots.map(({ addition }) => [addition.series, [event]]));
  return partsOf(slots, ({ slotSeconds }) => slotSeconds).map((parts, part) => ({
    key,
    part,
    totals: undefined,
    firstSeen: time,
    lastSeen: time,
    additions: parts.map(({ addition }) => addition),
    evidence: new Map(),
    events,
    overflowPairs: 0,
  }));
}
