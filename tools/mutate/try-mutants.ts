import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Mutant } from './mutant.ts';
import { mutated } from './mutations.ts';
import { RoomTests } from './room-tests.ts';

/** A mutant, and what the tests of its room did: `killed` if a test failed. */
export interface TriedMutant extends Mutant {
  readonly outcome: 'killed' | 'survived' | 'timed out';
  /** The test file that failed. */
  readonly killedBy?: string;
}

/** Folders at the root that a copy leaves out or links. */
const notCopied = ['node_modules', '.git', 'cdk.out', '.cache', '.vitest'];

/** A run with a fault may take this many times as long as a run without, and the spare time. */
const slowdown = 3;

/**
 * Plants mutants of one room one after the other in a copy of the tree, and runs the room's tests with each.
 *
 * @throws Error if the room has no tests, or its tests fail without a fault
 */
export async function tryMutants(
  root: string,
  mutants: readonly Mutant[],
  each: (mutant: TriedMutant) => void = () => {},
  { spareMilliseconds = 10_000 }: { readonly spareMilliseconds?: number } = {},
): Promise<TriedMutant[]> {
  const [first] = mutants;
  if (!first) return [];
  const copy = mkdtempSync(join(tmpdir(), 'flow-sentinel-mutate-'));
  const tests = new RoomTests(copy, first.room);
  const tried: TriedMutant[] = [];
  try {
    copyTree(root, copy);
    const baseline = await runWithoutFault(tests, first.room);
    for (const mutant of mutants) {
      const result: TriedMutant = { ...mutant, ...(await tryMutant(copy, mutant, tests, baseline, spareMilliseconds)) };
      each(result);
      tried.push(result);
    }
    return tried;
  } finally {
    await tests.stop();
    rmSync(copy, { recursive: true, force: true });
  }
}

function copyTree(root: string, copy: string): void {
  const isCopied = (path: string) => !notCopied.includes(relative(root, path).split(sep)[0]!);
  cpSync(root, copy, { recursive: true, filter: isCopied });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

/** The number of tests that pass without a fault, and the time that they take. */
interface Baseline {
  readonly passed: number;
  readonly milliseconds: number;
}

async function runWithoutFault(tests: RoomTests, room: string): Promise<Baseline> {
  // The first run also transforms the files, as a run after a time-out does.
  const started = performance.now();
  const answer = await tests.run(600_000);
  if (!answer || answer.failed !== undefined) {
    throw new Error(
      `the tests of ${room} fail without a fault: ${answer?.failed ?? 'they take longer than 10 minutes'}`,
    );
  }
  if (answer.passed === 0) throw new Error(`${room} has no tests, expected some in test/${room}`);
  return { passed: answer.passed, milliseconds: performance.now() - started };
}

async function tryMutant(
  copy: string,
  mutant: Mutant,
  tests: RoomTests,
  { passed, milliseconds }: Baseline,
  spareMilliseconds: number,
): Promise<Pick<TriedMutant, 'outcome' | 'killedBy'>> {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(source, mutant));
  tests.change(mutant.file);
  try {
    const answer = await tests.run(slowdown * milliseconds + spareMilliseconds);
    if (!answer) return { outcome: 'timed out' };
    // A run that ends at its first failure may end before the failure is reported.
    if (answer.failed === undefined && answer.passed >= passed) return { outcome: 'survived' };
    return { outcome: 'killed', ...(answer.failed !== undefined && { killedBy: answer.failed }) };
  } finally {
    writeFileSync(path, source);
    tests.change(mutant.file);
  }
}
