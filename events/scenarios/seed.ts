/** The seed of the corpus: another seed gives another day of the same kind. */
const corpusSeed = 20_261_124;

/** Returns a separate seed for each part of the corpus, so that a change to one leaves the others unchanged (FNV-1a). */
export function seedOf(part: string): number {
  let hash = 0x811c9dc5 ^ corpusSeed;
  for (const byte of Buffer.from(part)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
