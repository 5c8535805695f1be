/** Pseudorandom numbers, the same for the same seed. */
export interface Random {
  /** Returns an integer from 0 to below the limit. */
  below(limit: number): number;
  /** Returns an integer from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Marsaglia's xorshift with 32 bits ("Xorshift RNGs", 2003): good enough for samples. */
export function seededRandom(seed: number): Random {
  let state = seed | 0 || 1;
  const below = (limit: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    pick: (items) => items[below(items.length)]!,
  };
}
