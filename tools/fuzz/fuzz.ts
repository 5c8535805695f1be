import fc from 'fast-check';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { promises } from './hostile-input.ts';

export interface FuzzOptions {
  /** The total number of cases, over all promises. */
  readonly cases: number;
  readonly seed?: number;
}

/**
 * Checks each promise against hostile inputs, and prints the results.
 *
 * @returns whether every promise held
 */
export function fuzz({ cases, seed = Math.floor(Math.random() * 1e9) }: FuzzOptions): boolean {
  const numRuns = Math.ceil(cases / promises.length);
  let allHold = true;
  for (const { name, property } of promises) {
    const started = performance.now();
    const result = fc.check(property, { numRuns, seed });
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(
      `${result.failed ? 'broken' : 'holds '}  ${formatInteger(result.numRuns)} cases in ${seconds} s: ${name}\n`,
    );
    if (result.failed) process.stdout.write(`Seed ${seed}. ${fc.defaultReportMessage(result)}\n`);
    allHold &&= !result.failed;
  }
  return allHold;
}
