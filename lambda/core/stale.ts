import type { LoadedSeries } from '../sigma/load.ts';
import { type Counter, tokenSlots } from './counter.ts';
import type { KeyDelta } from './delta-builder.ts';
import { keptSlots } from './window.ts';

/** What can be removed from a counter. */
export interface Stale {
  readonly slots: readonly { readonly series: string; readonly slot: number }[];
  readonly tokens: readonly number[];
}

/** So many stale attributes are worth a write of their own: one in a score for a pair that is busy all the time. */
const worthRemoving = 20;

/**
 * What no window and no retry can ask for any more; undefined while it is not worth the write. A slot of a series that
 * no rule asks for any more is stale at once.
 *
 * The present is the time of the delta's first slot, or that of its arrival where this is earlier: neither a record that
 * came late nor one whose time lies in the future may cost others their windows. But where an item has half as many
 * slots of a series again as it should, the oldest go, whatever the present: records that come newest first, or from the
 * future, must not fill it up.
 *
 * @param arrival when the delta's batch arrived, in epoch seconds
 */
export function staleParts(
  counter: Counter,
  delta: KeyDelta,
  arrival: number,
  series: ReadonlyMap<string, LoadedSeries>,
): Stale | undefined {
  const starts = delta.additions.map(({ series: id, slot }) => slot * (series.get(id)?.slotSeconds ?? 0));
  const present = Math.min(arrival, ...starts);
  const slots = [...counter.slots].flatMap(([id, filled]) =>
    staleSlots([...filled.keys()], present, series.get(id)?.slotSeconds).map((slot) => ({ series: id, slot })),
  );
  const tokens = [...counter.tokens.keys()].filter((slot) => slot < tokenSlots(arrival)[0]!);
  return slots.length + tokens.length >= worthRemoving ? { slots, tokens } : undefined;
}

function staleSlots(filled: readonly number[], present: number, slotSeconds: number | undefined): number[] {
  if (slotSeconds === undefined) return [...filled];
  const kept = keptSlots(slotSeconds);
  const old = filled.filter((slot) => slot < present / slotSeconds - kept);
  if (filled.length - old.length <= 1.5 * kept) return old;
  return filled.toSorted((a, b) => b - a).slice(kept);
}
