/** Interval lengths in seconds: each is a multiple of the previous one, so that intervals can be merged. */
const lengths = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];

export const shortestInterval = lengths[0]!;

/** Returns the next longer length; beyond the longest one, twice the given length. */
export function longerInterval(seconds: number): number {
  return lengths.find((length) => length > seconds) ?? seconds * 2;
}
