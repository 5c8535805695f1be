/** Lengths of intervals of time, in seconds: each is a multiple of the one before, so that intervals can be joined. */
const lengths = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];

export const shortestInterval = lengths[0]!;

/** The next longer length: of the longest, twice as much. */
export function longerInterval(seconds: number): number {
  return lengths.find((length) => length > seconds) ?? seconds * 2;
}
