import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import type { RunOptions } from './run-events.ts';

/** Returns the shell command that repeats a run with the same rules, networks and formats. */
export function commandText(
  name: string,
  paths: readonly string[],
  { rules, networks, format = [] }: RunOptions,
): string {
  const options = [
    ...(rules === undefined ? [] : ['--rules', rules]),
    ...(networks === undefined ? [] : ['--networks', networks]),
    ...format.flatMap((one) => ['--format', one]),
  ];
  return ['flow-sentinel', name, ...[...paths, ...options].map(shellQuote)].join(' ');
}
