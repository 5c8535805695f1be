import { truncateStart } from '../../lambda/common/text.ts';
import { addressGroups, addressText } from '../../lambda/networks/ip-address.ts';

/** A query of a DNS log with its answer. */
export interface DnsQuery {
  /** Canonical address of the host that asked: see plainAddress. */
  readonly host: string;
  /** The VPC of the host; undefined if the log does not have it. */
  readonly vpc: string | undefined;
  /** Epoch seconds. */
  readonly time: number;
  /** The name that was asked for: see cleanName. Empty for the root. */
  readonly name: string;
  /** The addresses of the answer, canonical. */
  readonly addresses: readonly string[];
}

/** The most characters of a name in text form (RFC 1035 section 2.3.4: 255 bytes on the wire). */
const maxNameLength = 253;

/**
 * Returns a name in lower case and without its last dot. Characters other than those of names, escapes and service
 * labels become `?`. A longer name keeps its end, since the owner of a domain is at the end.
 */
export function cleanName(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z0-9._*\\/:@+=~-]/g, '?');
  return truncateStart(name.endsWith('.') ? name.slice(0, -1) : name, maxNameLength);
}

/** Returns the canonical spelling of an address, an IPv4-mapped one as IPv4; undefined if the text is not an address. */
export function plainAddress(text: string): string | undefined {
  const groups = addressGroups(text);
  if (!groups) return undefined;
  const isMapped = groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return addressText(isMapped ? groups.slice(6) : groups);
}

/** Returns whether a number is a time that a query can have: from 1970 to 2106. */
export function isQueryTime(seconds: number): boolean {
  return seconds >= 0 && seconds < 2 ** 32;
}
