/** One part of the journal: the counters whose keys have the same hash, modulo the number of lanes. */
export interface Lane {
  /** The number of lanes in the set: lanes of different sets are different lanes. */
  readonly lanes: number;
  /** From 0 to `lanes` - 1. */
  readonly number: number;
}

/** The numbers of lanes that a set may have: the second keeps each lane small above a thousand million records a day. */
export const laneCounts = [16, 128] as const;

/** The number of parts of a lane: a page that is too long for an item is put as one page for each part. */
export const partsOfLane = 32;

/** All parts of a lane, one bit for each. */
export const allParts = 0xffff_ffff;

/** Returns the lane's name in partition keys: `<lanes>.<number>`. */
export function laneName({ lanes, number }: Lane): string {
  return `${lanes}.${number}`;
}

/** Describes a lane for people. */
export function laneText({ lanes, number }: Lane): string {
  return `lane ${number} of ${lanes}`;
}

/**
 * Returns the number of invocations that flush a set together, each minute: one for 16 lanes, and one for four of 128, since
 * with all 128 a lane would wait for too many others.
 */
export function flushProcesses(lanes: number): number {
  return lanes > 16 ? lanes / 4 : 1;
}

/** Returns all lanes of a set. */
export function lanesOf(lanes: number): Lane[] {
  return Array.from({ length: lanes }, (_, number) => ({ lanes, number }));
}

/** Returns the number of the lane that a key belongs to. @param seed the same in all processes of a stack */
export function laneNumberOf(pk: string, lanes: number, seed: string): number {
  return hashOf(pk, seed) % lanes;
}

/** Returns the bit of the part that a key belongs to. It never changes, so a part is taken once. */
export function partOf(pk: string, seed: string): number {
  return (1 << (hashOf(pk, seed) >>> 27)) >>> 0;
}

/**
 * Returns a hash of 32 bits (FNV-1a with a final mix). The seed is the name of the journal's table, so that nobody outside
 * can aim at one lane.
 */
function hashOf(pk: string, seed: string): number {
  let hash = 0x811c_9dc5;
  for (const text of [seed, pk]) {
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846c_a68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
