import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import type { TimeRangeOptions } from '../flow-files/time-range.ts';
import { monitoredNetworkWords, scopeWords } from '../monitored-networks/monitored-networks.ts';
import { sourceWords } from '../names/read-sources.ts';
import { isoTime } from '../terminal/utc-time.ts';
import { countingWords } from './counting.ts';
import type { RunOptions } from './run-events.ts';

/** Returns the shell command that repeats a run with the same rules, networks, stage, formats, sources, way to count and times. */
export function commandText(
  name: string,
  paths: readonly string[],
  given: RunOptions & TimeRangeOptions & { readonly rule?: readonly string[] },
): string {
  const { rules, networks, format = [], from, to, rule = [] } = given;
  const options = [
    ...(rules === undefined ? [] : ['--rules', rules]),
    ...(networks === undefined ? [] : ['--networks', networks]),
    ...monitoredNetworkWords(given),
    ...scopeWords(given),
    ...format.flatMap((one) => ['--format', one]),
    ...sourceWords(given),
    ...countingWords(given),
    ...(from === undefined ? [] : ['--from', isoTime(from)]),
    ...(to === undefined ? [] : ['--to', isoTime(to)]),
    ...rule.flatMap((one) => ['--rule', one]),
  ];
  return ['npx flow-sentinel', name, ...[...paths, ...options].map(shellQuote)].join(' ');
}
