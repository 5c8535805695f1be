/** Random numbers that are the same for the same seed. */
export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  /** A whole number from the one to the other, both included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Marsaglia's xorshift with 32 bits ("Xorshift RNGs", 2003): more than good enough for samples. */
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
    between: (least, most) => least + below(most - least + 1),
    pick: (items) => items[below(items.length)]!,
  };
}
