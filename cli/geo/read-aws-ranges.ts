import { messageOf } from '../../lambda/common/errors.ts';
import { truncate } from '../../lambda/common/text.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { InputError } from '../terminal/input-error.ts';
import { type AddressRange, type ByFamily, numberOfGroups } from './address-range.ts';
import { disjointRanges } from './disjoint-ranges.ts';
import type { AwsRange } from './geo-table-bytes.ts';
import type { LeftOut } from './network-source.ts';

/** The content of ip-ranges.json. */
export interface AwsRanges {
  readonly ranges: ByFamily<AwsRange>;
  readonly prefixes: number;
  /** The day on which AWS made the file, such as `2026-11-30`; undefined if the file does not say it. */
  readonly day: string | undefined;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads ip-ranges.json ("AWS IP address ranges" in the Amazon VPC User Guide).
 *
 * @throws InputError if the text is not such a file
 */
export function readAwsRanges(text: string, name: string): AwsRanges {
  const file = documentOf(text, name);
  const leftOut: LeftOut[] = [];
  const read = (list: string, key: string, bits: 32 | 128) => {
    const entries = file[list];
    if (!Array.isArray(entries))
      throw new InputError(`${name} is invalid: ${list} is missing, expected AWS's ip-ranges.json`);
    return entries.flatMap((entry: unknown, index) => {
      const range = rangeOf(entry, key, bits);
      if (range) return [range];
      const got = truncate(JSON.stringify(entry) ?? '', 60);
      const problem = `the prefix is invalid: got ${got}, expected ${key}, region and service`;
      leftOut.push({ where: `${name}: ${list}[${index}]`, problem });
      return [];
    });
  };
  const ipv4 = read('prefixes', 'ip_prefix', 32);
  const ipv6 = read('ipv6_prefixes', 'ipv6_prefix', 128);
  return {
    ranges: { ipv4: disjointRanges(ipv4, isPreferred), ipv6: disjointRanges(ipv6, isPreferred) },
    prefixes: ipv4.length + ipv6.length,
    day: /^\d{4}-\d{2}-\d{2}(?=-)/.exec(String(file.createDate))?.[0],
    leftOut,
  };
}

function documentOf(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name} is invalid: expected JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null)
    throw new InputError(`${name} is invalid: expected AWS's ip-ranges.json`);
  return value as Record<string, unknown>;
}

function rangeOf(entry: unknown, key: string, bits: 32 | 128): AwsRange | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { [key]: prefix, region, service } = entry as Record<string, unknown>;
  if (typeof prefix !== 'string' || !isWord(region) || !isWord(service)) return undefined;
  const range = rangeOfPrefix(prefix, bits);
  return range && { ...range, region, service };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);
}

function rangeOfPrefix(prefix: string, bits: 32 | 128): AddressRange | undefined {
  const network = parseNetwork(prefix);
  if ('problem' in network || network.groups.length * 16 !== bits) return undefined;
  const first = numberOfGroups(network.groups);
  return { first, last: first + 2n ** BigInt(bits - network.length) - 1n };
}

/** AWS lists most prefixes as AMAZON too, and those of some services as EC2. The others say more. */
const generalServices = ['AMAZON', 'EC2'];

/** Returns whether the first of two entries of one prefix names its service better; the alphabet decides between equals. */
function isPreferred(a: AwsRange, b: AwsRange): boolean {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  return rankA === rankB ? a.service < b.service : rankA > rankB;
}

/** Returns the rank of a service: 0 for AMAZON, 1 for EC2, 2 for any other. */
function rankOf({ service }: AwsRange): number {
  const index = generalServices.indexOf(service);
  return index < 0 ? generalServices.length : index;
}
