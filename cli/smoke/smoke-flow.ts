import { randomInt } from 'node:crypto';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { pairKey } from '../../lambda/counters/counter-key.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import type { Flow } from '../../lambda/flow-log/flow.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { scopeOfWords, scopeReader } from '../../lambda/flow-log/scope.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** A synthetic flow between documentation networks (RFC 5737), of an interface whose id names its purpose. */
export interface SmokeFlow {
  readonly source: string;
  readonly destination: string;
  /** The line in the deployed format, which every stack reads. */
  readonly line: string;
}

/** The beginning of the interface id: an id of EC2 has hexadecimal digits instead of `smoke`. */
const interfacePrefix = 'eni-smoke';

/**
 * Creates a flow that was rejected just now and matches the rule rejects_from_suspicious_ranges.
 *
 * @param source an address in `suspicious_ranges`; default: a random address of 203.0.113.0/24, which the shipped list has
 * @param account the account id in the flow, twelve digits
 * @param now in epoch seconds
 */
export function smokeFlow(source: string | undefined, account: string, now: number): SmokeFlow {
  const src = source ?? `203.0.113.${randomInt(1, 255)}`;
  const destination = `198.51.100.${randomInt(1, 255)}`;
  const values: Record<string, string | number> = {
    version: 5,
    'account-id': account,
    'interface-id': `${interfacePrefix}${randomInt(1e9)}`,
    srcaddr: src,
    dstaddr: destination,
    srcport: 49_152,
    dstport: 7,
    protocol: 6,
    packets: 1,
    bytes: 40,
    start: now - 30,
    end: now,
    action: 'REJECT',
    'flow-direction': 'ingress',
    'tcp-flags': 2,
    'pkt-srcaddr': src,
    'pkt-dstaddr': destination,
    'log-status': 'OK',
  };
  const line = deployedFormat()
    .names.map((name) => values[name] ?? '-')
    .join(' ');
  return { source: src, destination, line };
}

/**
 * Returns the keys of the counters that only this flow updates: each has an address or the interface of the flow. Leaves
 * out shared counters, such as a counter by account.
 */
export function counterKeysOf(flow: SmokeFlow, rules: LoadedRules, now: number): string[] {
  const { deltas } = aggregate([{ flow: parsed(flow), arrival: now }], rules);
  const keys = new Set(deltas.map(({ key }) => key.pk));
  return [...keys].filter(
    (pk) => pk.includes(flow.destination) || pk.includes(interfacePrefix) || pk.includes('203.0.113.'),
  );
}

/** Returns the key of the counter of the flow's pair, with the scope of the rules. */
export function pairKeyOf(flow: SmokeFlow, { scope }: Pick<LoadedRules, 'scope'>): string {
  const words = scopeReader(scope)(parsed(flow)).split(' ').slice(1);
  return pairKey(flow.source, flow.destination, scopeOfWords(words)).pk;
}

function parsed({ line }: SmokeFlow): Flow {
  const read = parseLine(line, [deployedFormat()]);
  if (read.kind !== 'flow') throw new Error('the smoke flow is unreadable');
  return read.flow;
}

function deployedFormat(): Format {
  return parseFormat(logFormat) as Format;
}
