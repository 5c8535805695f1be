import { addressGroups } from '../networks/ip-address.ts';

/**
 * Parses an address to words of 32 bits, the highest first: one for IPv4, four for IPv6. An IPv6 address that stands for
 * an IPv4 address has the word of that one: IPv4-mapped, or behind NAT64 with the well-known prefix (RFC 6052 section 2.1).
 *
 * @param words takes the words, so that a look-up allocates nothing for them
 * @returns the number of words; 0 if the text is not an address
 */
export function parseAddressWords(text: string, words: Uint32Array): 0 | 1 | 4 {
  if (!parsePlainIpv6(text, words)) {
    const parsed = addressGroups(text);
    if (!parsed) return 0;
    for (let index = 0; index < parsed.length; index += 2)
      words[index >> 1] = parsed[index]! * 65_536 + parsed[index + 1]!;
    if (parsed.length === 2) return 1;
  }
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  const isNat64 = words[0] === nat64 && words[1] === 0 && words[2] === 0;
  if (!isMapped && !isNat64) return 4;
  words[0] = words[3]!;
  return 1;
}

/** The first word of `64:ff9b::/96`; the others before the IPv4 address are zero. */
const nat64 = 0x0064_ff9b;

const colon = 0x3a;
/** The groups of 16 bits of the address that is parsed now. */
const groups = new Uint16Array(8);

/**
 * Parses an IPv6 address of hexadecimal groups in one pass, as flow logs have it; addressGroups takes most of the time of
 * a look-up. Returns false for any other text: addressGroups decides.
 */
function parsePlainIpv6(text: string, words: Uint32Array): boolean {
  let count = 0;
  let group = 0;
  let digits = 0;
  let gap = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : colon;
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (digits === 4) return false;
      group = group * 16 + digit;
      digits += 1;
    } else if (code !== colon) return false;
    else if (digits > 0) {
      if (count === 8) return false;
      groups[count] = group;
      count += 1;
      group = 0;
      digits = 0;
      // A second colon marks the gap.
      if (text.charCodeAt(at + 1) === colon) {
        if (gap >= 0) return false;
        gap = count;
        at += 1;
      }
    } else if (at === 0 && text.charCodeAt(1) === colon) {
      gap = 0;
      at = 1;
    } else if (at < text.length || gap !== count) return false;
  }
  if (gap < 0 ? count < 8 : count === 8) return false;
  if (gap >= 0) moveAfterGap(gap, count);
  for (let index = 0; index < 4; index += 1) words[index] = groups[2 * index]! * 65_536 + groups[2 * index + 1]!;
  return true;
}

/** Moves the groups after the gap to the end, and fills the gap with zeros. */
function moveAfterGap(gap: number, count: number): void {
  for (let index = 7; index >= gap; index -= 1) {
    const from = index - 8 + count;
    groups[index] = from >= gap ? groups[from]! : 0;
  }
}

/** Returns the value of a hexadecimal digit; -1 for any other character. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
