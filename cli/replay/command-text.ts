import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { utc } from '../../lambda/common/format-units.ts';
import type { TimeRangeOptions } from '../flow-files/time-range.ts';
import type { RunOptions } from './run-events.ts';

/** Returns the shell command that repeats a run with the same rules, networks, formats and time range. */
export function commandText(
  name: string,
  paths: readonly string[],
  { rules, networks, format = [], from, to, rule = [] }: RunOptions & TimeRangeOptions & { rule?: readonly string[] },
): string {
  const options = [
    ...(rules === undefined ? [] : ['--rules', rules]),
    ...(networks === undefined ? [] : ['--networks', networks]),
    ...format.flatMap((one) => ['--format', one]),
    ...(from === undefined ? [] : ['--from', isoTime(from)]),
    ...(to === undefined ? [] : ['--to', isoTime(to)]),
    ...rule.flatMap((one) => ['--rule', one]),
  ];
  return ['npx flow-sentinel', name, ...[...paths, ...options].map(shellQuote)].join(' ');
}

function isoTime(seconds: number): string {
  return `${utc(seconds).replace(' ', 'T')}Z`;
}
