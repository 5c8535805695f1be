import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../events/scenarios/random.ts';
import { type Mutation, mutationsOf } from './mutations.ts';

/** A mutation of a file of a room. */
export interface Mutant extends Mutation {
  readonly room: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The text that the mutation replaces. */
  readonly text: string;
}

/** Returns all mutants of a room's files, in the order of the files' names. */
export function mutantsOf(root: string, room: string): Mutant[] {
  const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((name) => {
      const file = `${room}/${name}`;
      const source = readFileSync(join(root, file), 'utf8');
      return mutationsOf(source).map((mutation) => ({
        ...mutation,
        room,
        file,
        line: source.slice(0, mutation.start).split('\n').length,
        text: source.slice(mutation.start, mutation.end),
      }));
    });
}

/** Returns a random sample of the mutants in their order, the same for the same seed; all if there are no more. */
export function sampleOf(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  const random = seededRandom(seed);
  const left = mutants.map((_, index) => index);
  // The first numbers of small seeds are alike.
  for (let n = 0; n < 10; n += 1) random.below(2);
  const chosen = Array.from(
    { length: Math.min(size, left.length) },
    () => left.splice(random.below(left.length), 1)[0]!,
  );
  return chosen.sort((a, b) => a - b).map((index) => mutants[index]!);
}

/** Returns the place and the change of a mutant on one line. */
export function describeMutant({ file, line, text, replacement, operator }: Mutant): string {
  const short = (part: string) => {
    const flat = part.replace(/\s+/g, ' ').trim();
    return flat.length <= 60 ? flat : `${flat.slice(0, 57)}...`;
  };
  const change =
    replacement === '' || replacement === ';' ? `without ${short(text)}` : `${short(text)} -> ${short(replacement)}`;
  return `${file}:${line}  ${operator}: ${change}`;
}
