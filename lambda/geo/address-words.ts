import { addressGroups } from '../networks/ip-address.ts';

/**
 * Returns an address as words of 32 bits, the highest first: one for IPv4 and for IPv4-mapped IPv6, four for other IPv6.
 * Undefined if the text is not an address.
 */
export function addressWords(text: string): number[] | undefined {
  const words = plainIpv6Words(text) ?? wordsOf(addressGroups(text));
  if (!words || words.length === 1) return words;
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isMapped ? [words[3]!] : words;
}

function wordsOf(groups: readonly number[] | undefined): number[] | undefined {
  if (!groups) return undefined;
  const word = (index: number) => groups[index]! * 65_536 + groups[index + 1]!;
  return groups.length === 2 ? [word(0)] : [word(0), word(2), word(4), word(6)];
}

const colon = 0x3a;

/**
 * Parses an IPv6 address of hexadecimal groups in one pass, as flow logs have it; addressGroups takes most of the time of
 * a look-up. Undefined for any other text: addressGroups decides.
 */
function plainIpv6Words(text: string): number[] | undefined {
  const words = [0, 0, 0, 0];
  let groups = 0;
  let group = 0;
  let digits = 0;
  let gap = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : colon;
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (digits === 4) return undefined;
      group = group * 16 + digit;
      digits += 1;
    } else if (code !== colon) return undefined;
    else if (digits > 0) {
      if (groups === 8) return undefined;
      words[groups >> 1]! += groups % 2 === 0 ? group * 65_536 : group;
      groups += 1;
      group = 0;
      digits = 0;
      // A second colon marks the gap.
      if (text.charCodeAt(at + 1) === colon) {
        if (gap >= 0) return undefined;
        gap = groups;
        at += 1;
      }
    } else if (at === 0 && text.charCodeAt(1) === colon) {
      gap = 0;
      at = 1;
    } else if (at < text.length || gap !== groups) return undefined;
  }
  if (gap < 0) return groups === 8 ? words : undefined;
  return groups < 8 ? withGap(words, gap, groups) : undefined;
}

/** Moves the groups after the gap to the end. */
function withGap(words: readonly number[], gap: number, groups: number): number[] {
  const moved = [0, 0, 0, 0];
  for (let index = 0; index < groups; index += 1) {
    const word = words[index >> 1]!;
    const to = index < gap ? index : index + 8 - groups;
    const group = index % 2 === 0 ? word >>> 16 : word % 65_536;
    moved[to >> 1]! += to % 2 === 0 ? group * 65_536 : group;
  }
  return moved;
}

/** Returns the value of a hexadecimal digit; -1 for any other character. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
