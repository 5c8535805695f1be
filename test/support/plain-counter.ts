import type { Counter } from '../../lambda/counters/counter.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Returns what a counter says of its flows, without what only tells how it was counted. */
export function plainCounter({ bytes, rejects, firstSeen, lastSeen, slots }: Counter, { series }: LoadedRules) {
  // A slot of presence holds any positive number.
  const meaning = [...slots].map(([id, values]) => {
    const isPresence = series.get(id)?.measure.kind === 'presence';
    return [id, isPresence ? new Map([...values.keys()].map((slot) => [slot, true])) : values] as const;
  });
  return { bytes, rejects, firstSeen, lastSeen, slots: new Map(meaning) };
}
