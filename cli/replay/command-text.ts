import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { utc } from '../../lambda/common/format-units.ts';
import { networkText } from '../../lambda/networks/ip-address.ts';
import type { TimeRangeOptions } from '../flow-files/time-range.ts';
import type { RunOptions } from './run-events.ts';

/** Returns the shell command that repeats a run with the same rules, networks, stage, formats and time range. */
export function commandText(
  name: string,
  paths: readonly string[],
  { rules, networks, monitoredNetworks, stage, format = [], from, to }: RunOptions & TimeRangeOptions,
): string {
  const options = [
    ...(rules === undefined ? [] : ['--rules', rules]),
    ...(networks === undefined ? [] : ['--networks', networks]),
    ...(monitoredNetworks ? ['--monitored-networks', monitoredNetworks.map(networkText).join()] : []),
    ...(stage === undefined ? [] : ['--stage', stage]),
    ...format.flatMap((one) => ['--format', one]),
    ...(from === undefined ? [] : ['--from', isoTime(from)]),
    ...(to === undefined ? [] : ['--to', isoTime(to)]),
  ];
  return ['npx flow-sentinel', name, ...[...paths, ...options].map(shellQuote)].join(' ');
}

function isoTime(seconds: number): string {
  return `${utc(seconds).replace(' ', 'T')}Z`;
}
