import { randomInt } from 'node:crypto';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** A flow that nobody has: between documentation networks (RFC 5737), at an interface whose id says what it is for. */
export interface SmokeFlow {
  readonly source: string;
  readonly destination: string;
  /** The line in the format of our own flow logs, which every stack reads. */
  readonly line: string;
}

/** How the ids of its interfaces begin: EC2 has hexadecimal digits there. */
const interfacePrefix = 'eni-smoke';

/**
 * Makes a flow that was rejected just now, which the rule rejects_from_suspicious_ranges is about.
 *
 * @param source an address in `suspicious_ranges`; one of 203.0.113.0/24 for none, which is there by default
 * @param account the account that it says to be of, twelve digits
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
  const line = formatOfOurs()
    .names.map((name) => values[name] ?? '-')
    .join(' ');
  return { source: src, destination, line };
}

/**
 * The keys of the counters that the flow alone makes, by these rules: those that hold something that is its own. What it
 * shares with others, such as a counter by account, is not among them.
 */
export function counterKeysOf({ line, destination }: SmokeFlow, rules: LoadedRules, now: number): string[] {
  const parsed = parseLine(line, [formatOfOurs()]);
  if (parsed.kind !== 'flow') throw new Error('the smoke flow cannot be read');
  const { deltas } = aggregate([{ flow: parsed.flow, arrival: now }], rules, now + 86_400);
  const keys = new Set(deltas.map(({ key }) => key.pk));
  return [...keys].filter(
    (pk) => pk.includes(destination) || pk.includes(interfacePrefix) || pk.includes('203.0.113.'),
  );
}

function formatOfOurs(): Format {
  return parseFormat(logFormat) as Format;
}
