import type { SlotRange, Slots } from '../../counters/window.ts';
import type { LoadedSeries } from '../../rules/loaded.ts';

/** Finds the slots of a series by its id; undefined if the counter does not hold the series. */
export type SlotsBySeries = Pick<ReadonlyMap<string, Slots>, 'get'>;

/** The slots of a key's series by their ids, and the definitions of the series. */
export interface CounterState {
  readonly slots: SlotsBySeries;
  readonly series: ReadonlyMap<string, LoadedSeries>;
}

const noSlots: Slots = new Map();

/** Returns the slots of each series; no slots for a series that the counter does not hold. */
export function slotsOf(ids: readonly string[], { slots }: Pick<CounterState, 'slots'>): Slots[] {
  return ids.map((id) => slots.get(id) ?? noSlots);
}

/** Returns whether a set of distinct values within the window is at its cap, so that some values may be missing. */
export function hasFullSet(
  ids: readonly string[],
  { first, last }: SlotRange,
  { slots, series }: CounterState,
): boolean {
  return ids.some((id) => {
    const measure = series.get(id)?.measure;
    if (measure?.kind !== 'distinct') return false;
    return [...(slots.get(id) ?? noSlots)].some(
      ([slot, value]) => slot >= first && slot <= last && typeof value === 'object' && value.size >= measure.cap,
    );
  });
}
