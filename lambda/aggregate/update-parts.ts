/**
 * The maximum number of additions in one update. An expression may have 4 KB and 300 operators and functions (DynamoDB
 * Developer Guide, "Expression operator limits"). The size condition of a set takes 45 bytes and five operators; the
 * dedup token and the times take about 40 operators.
 */
export const maxAdditions = 40;

/** Something in a slot of a series. */
interface InSlot {
  readonly slot: number;
}

/**
 * Splits slots into the parts of one update each, in order of time. Returns at least one part. Series with the same slot
 * share an update if it has space: a rule may compare its series, and other batches see each update on its own.
 *
 * @param slotSecondsOf returns the length of a slot's series
 */
export function partsOf<T extends InSlot>(slots: readonly T[], slotSecondsOf: (slot: T) => number): T[][] {
  if (slots.length <= 1) return [[...slots]];
  const startOf = (entry: T) => entry.slot * slotSecondsOf(entry);
  const sorted = slots.toSorted((a, b) => startOf(a) - startOf(b) || slotSecondsOf(a) - slotSecondsOf(b));
  if (sorted.length <= maxAdditions) return [sorted];
  const parts: T[][] = [[]];
  for (const group of Map.groupBy(sorted, (entry) => `${slotSecondsOf(entry)}:${entry.slot}`).values()) {
    if (parts.at(-1)!.length + group.length > maxAdditions && parts.at(-1)!.length > 0) parts.push([]);
    for (const entry of group) {
      if (parts.at(-1)!.length === maxAdditions) parts.push([]);
      parts.at(-1)!.push(entry);
    }
  }
  return parts;
}
