import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { shellQuote } from '../../../lambda/alert/shell-quote.ts';
import { isoTime } from '../../terminal/utc-time.ts';
import { isAddress } from './endpoints.ts';
import type { HuntInputs } from './report-data.ts';

type Period = Pick<HuntInputs, 'from' | 'to'>;

/** Returns the shell command that lists the partners of a host. @param period part of the run's time */
export function huntHost(address: string, inputs: HuntInputs, period: Period = {}): string {
  return huntCommand(['host', address], inputs, period);
}

/** Returns the shell command that lists the traffic between two hosts. @param period part of the run's time */
export function huntPair(src: string, dst: string, inputs: HuntInputs, period: Period = {}): string {
  return huntCommand(['pair', src, dst], inputs, period);
}

/** Returns the shell command that lists all pairs. */
export function huntCounters(pairCount: number, inputs: HuntInputs): string {
  return `${huntCommand(['counters'], inputs, {})} --top ${pairCount}`;
}

/**
 * Returns the command for the flows of an alert in its window: of its pair, else of its first host. Undefined for an alert
 * without an address.
 */
export function huntAlert(
  { key, window }: AlertBody,
  endpoints: readonly string[],
  inputs: HuntInputs,
): string | undefined {
  const { srcaddr: src = '', dstaddr: dst = '' } = key;
  if (isAddress(src) && isAddress(dst)) return huntPair(src, dst, inputs, window);
  const host = [src, dst, ...endpoints].find(isAddress);
  return host === undefined ? undefined : huntHost(host, inputs, window);
}

function huntCommand(words: readonly string[], inputs: HuntInputs, period: Period): string {
  const from = latest(inputs.from, period.from);
  const to = earliest(inputs.to, period.to);
  const range = [
    ...(from === undefined ? [] : ['--from', isoTime(from)]),
    ...(to === undefined ? [] : ['--to', isoTime(to)]),
  ];
  return `npx flow-sentinel hunt ${[...words, ...inputs.words, ...range].map(shellQuote).join(' ')}`;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
