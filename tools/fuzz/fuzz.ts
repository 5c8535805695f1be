import fc from 'fast-check';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { promises } from './hostile-input.ts';

export interface FuzzOptions {
  /** Cases in all, over all promises. */
  readonly cases: number;
  readonly seed?: number;
}

/**
 * Holds what is promised of any input against hostile inputs, and prints what was found.
 *
 * @returns whether every promise held
 */
export function fuzz({ cases, seed = Math.floor(Math.random() * 1e9) }: FuzzOptions): boolean {
  const numRuns = Math.ceil(cases / promises.length);
  let held = true;
  for (const { name, property } of promises) {
    const started = performance.now();
    const result = fc.check(property, { numRuns, seed });
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(
      `${result.failed ? 'broken' : 'held  '}  ${formatInteger(result.numRuns)} cases in ${seconds} s: ${name}\n`,
    );
    if (result.failed) process.stdout.write(`Seed ${seed}. ${fc.defaultReportMessage(result)}\n`);
    held &&= !result.failed;
  }
  return held;
}
