import { isIPv6 } from 'node:net';

/** A network as the first `length` bits of an address given in 16-bit groups: two for IPv4, eight for IPv6. */
export interface Network {
  readonly groups: readonly number[];
  readonly length: number;
}

/**
 * The one spelling of an address: IPv4 in dotted decimal, IPv6 as RFC 5952 section 4 recommends (lower case, no leading
 * zeros, the longest run of zero groups as `::`). Undefined when the text is no address; a zone (`%eth0`) is none here.
 */
export function canonicalAddress(text: string): string | undefined {
  if (parseIpv4(text)) return text;
  const groups = parseIpv6(text);
  return groups && formatIpv6(groups);
}

/** The 16-bit groups of an address, two for IPv4 and eight for IPv6; undefined when the text is no address. */
export function addressGroups(text: string): number[] | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/**
 * A network from CIDR notation; a single address is a network of itself (RFC 4632 section 3.1, RFC 4291 section 2.3).
 *
 * @returns the network, or what is wrong with the text
 */
export function parseNetwork(text: string): Network | { readonly problem: string } {
  const slash = text.indexOf('/');
  const groups = addressGroups(slash < 0 ? text : text.slice(0, slash));
  if (!groups) return { problem: `${JSON.stringify(text)} is no network, expected one like 10.0.0.0/8 or fc00::/7` };
  const bits = groups.length * 16;
  const prefix = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
    return { problem: `${JSON.stringify(text)} has no prefix length from 0 to ${bits}` };
  }
  const length = Number(prefix);
  const masked = groups.map((group, index) => group & groupMask(length, index));
  if (masked.some((group, index) => group !== groups[index])) {
    const network = bits === 32 ? formatIpv4(masked) : formatIpv6(masked);
    return { problem: `${JSON.stringify(text)} has bits set after its prefix, expected ${network}/${length}` };
  }
  return { groups, length };
}

/** Whether the address, as its groups, lies in the network; an IPv4 address lies in no IPv6 network. */
export function isInNetwork(address: readonly number[], network: Network): boolean {
  const { groups, length } = network;
  if (address.length !== groups.length) return false;
  for (let index = 0; index * 16 < length; index += 1) {
    if ((address[index]! & groupMask(length, index)) !== groups[index]) return false;
  }
  return true;
}

/** The bits of an address's 16-bit group that belong to a prefix of so many bits. */
export function groupMask(length: number, index: number): number {
  const kept = length - index * 16;
  if (kept >= 16) return 0xffff;
  return kept <= 0 ? 0 : (0xffff << (16 - kept)) & 0xffff;
}

const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;

/** Four numbers up to 255 without leading zeros; undefined when the text is anything else. */
function parseIpv4(text: string): number[] | undefined {
  let high = 0;
  let low = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : dot;
    if (code === dot) {
      if (digits === 0 || part > 255 || dots === 4) return undefined;
      if (dots < 2) high = high * 256 + part;
      else low = low * 256 + part;
      dots += 1;
      part = 0;
      digits = 0;
    } else {
      const digit = code - zero;
      if (digit < 0 || digit > 9 || digits === 3 || (digits > 0 && part === 0)) return undefined;
      part = part * 10 + digit;
      digits += 1;
    }
  }
  return dots === 4 ? [high, low] : undefined;
}

/** The same check on bytes: where the IPv4 address ends that begins at a place; that place itself, where none does. */
export function endOfIpv4(ascii: Uint8Array, begin: number): number {
  let at = begin;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (; ; at += 1) {
    const byte = ascii[at]!;
    if (byte >= zero && byte <= nine) {
      if (digits > 0 && part === 0) return begin;
      part = part * 10 + (byte - zero);
      digits += 1;
      if (part > 255) return begin;
    } else if (byte === dot && digits > 0 && dots < 3) {
      dots += 1;
      part = 0;
      digits = 0;
    } else return dots === 3 && digits > 0 ? at : begin;
  }
}

function formatIpv4([high, low]: readonly number[]): string {
  return [high! >> 8, high! & 255, low! >> 8, low! & 255].join('.');
}

function parseIpv6(text: string): number[] | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const before = parseGroups(head);
  if (tail === undefined) return before;
  const after = parseGroups(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function parseGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? parseIpv4(group)! : [Number.parseInt(group, 16)]));
}

function formatIpv6(groups: readonly number[]): string {
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
