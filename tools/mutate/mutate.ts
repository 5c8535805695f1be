import { join } from 'node:path';
import { describeMutant, type Mutant, mutantsOf, sampleOf } from './mutant.ts';
import { roomScores, scoreTable } from './room-score.ts';
import { rooms } from './rooms.ts';
import { type TriedMutant, tryMutants } from './try-mutants.ts';

export interface MutateOptions {
  /** The number of faults, over all rooms (default: all). */
  readonly sample?: number;
  readonly seed?: number;
  /** The rooms to plant faults in (default: all). */
  readonly room?: readonly string[];
  readonly json?: boolean;
}

const root = join(import.meta.dirname, '../..');

/**
 * Plants random faults in the rooms, and prints those that the tests of their room do not find.
 *
 * @returns whether the tests of each room find the room's share of faults
 */
export async function mutate({
  sample,
  seed = Math.floor(Math.random() * 1e9),
  room: chosen = Object.keys(rooms),
  json = false,
}: MutateOptions): Promise<boolean> {
  const all = chosen.flatMap((room) => mutantsOf(root, room));
  const mutants = sampleOf(all, sample ?? all.length, seed);
  if (!json) process.stdout.write(`${mutants.length} of ${all.length} faults, seed ${seed}\n`);
  const tried: TriedMutant[] = [];
  for (const of of Map.groupBy(mutants, ({ room }: Mutant) => room).values()) {
    const each = (mutant: TriedMutant) => {
      if (!json && mutant.outcome !== 'killed') process.stdout.write(`${mutant.outcome}  ${describeMutant(mutant)}\n`);
    };
    tried.push(...(await tryMutants(root, of, each)));
  }
  const scores = roomScores(tried, rooms);
  process.stdout.write(
    json ? `${JSON.stringify({ seed, rooms: scores, mutants: tried }, null, 2)}\n` : scoreTable(scores),
  );
  return scores.every(({ isEnough }) => isEnough);
}
