import { SCRATCH } from './layout';

// An address as a key of 16 bytes. IPv4 has a single spelling, so its key is its text, with zeros behind it. IPv6 has
// many, so its key is its 128 bits. `-` is a key of text too. The kind tells the two sorts of keys apart.

export const TEXT_KEY: u32 = 0;
export const IPV6_KEY: u32 = 1;
export const NO_KEY: u32 = 2;

const COLON: u32 = 0x3a;
const DOT: u32 = 0x2e;
const DASH: u32 = 0x2d;

/** The groups before and after a run of zeros. */
const GROUPS: usize = SCRATCH + 0x40;

export function isDashKey(key: usize): bool {
  return load<u64>(key) === DASH && load<u64>(key, 8) === 0;
}

/** Returns the IPv4 address of a key as a number, the first part highest; -1 if the text is no IPv4 address. */
export function ipv4Of(key: usize): i64 {
  let address: u32 = 0;
  let part: u32 = 0;
  let digits: u32 = 0;
  let dots: u32 = 0;
  for (let index: u32 = 0; index < 16; index += 1) {
    const byte = <u32>load<u8>(key + index);
    const digit = byte - 0x30;
    if (digit < 10) {
      if (digits > 0 && part === 0) return -1;
      part = part * 10 + digit;
      digits += 1;
      if (part > 255) return -1;
    } else if (byte === DOT && digits > 0 && dots < 3) {
      address = (address << 8) | part;
      dots += 1;
      part = 0;
      digits = 0;
    } else if (byte === 0 && dots === 3 && digits > 0) return <i64>((address << 8) | part);
    else return -1;
  }
  return -1;
}

/** Returns whether a key is an address, or `-`. */
export function isAddress(key: usize, kind: u32): bool {
  return kind === IPV6_KEY || isDashKey(key) || ipv4Of(key) >= 0;
}

/** Returns whether a text has a colon among its first five bytes, as every IPv6 address has. */
export function mayBeIpv6(text: usize, length: u32): bool {
  const colons = <u32>i8x16.bitmask(i8x16.eq(v128.load(text), i8x16.splat(0x3a)));
  return (colons & ((1 << min(length, 5)) - 1)) !== 0;
}

/**
 * Parses groups in hexadecimal, and one run of zeros as `::` (RFC 4291 section 2.2). An address with a dotted end is left
 * to the slow path.
 *
 * @returns whether the text is such an address; its 128 bits are then at `out`, the first byte first
 */
export function parseIpv6(text: usize, length: u32, out: usize): bool {
  if (length > 39 || length < 2) return false;
  const end = text + length;
  let group: u32 = 0;
  let digits: u32 = 0;
  let groups: u32 = 0;
  let run: i32 = -1;
  let at = text;
  if (load<u8>(at) === COLON) {
    if (load<u8>(at, 1) !== COLON) return false;
    run = 0;
    at += 2;
  }
  while (at < end) {
    const byte = <u32>load<u8>(at);
    const decimal = byte - 0x30;
    const letter = (byte | 0x20) - 0x61;
    if (decimal < 10 || letter < 6) {
      if (digits === 4) return false;
      group = (group << 4) | (decimal < 10 ? decimal : letter + 10);
      digits += 1;
      at += 1;
      continue;
    }
    if (byte !== COLON || digits === 0 || groups === 8) return false;
    store<u16>(GROUPS + (groups << 1), bswap<u16>(<u16>group));
    groups += 1;
    group = 0;
    digits = 0;
    at += 1;
    if (at === end) return false;
    if (load<u8>(at) === COLON) {
      if (run >= 0) return false;
      run = groups;
      at += 1;
    }
  }
  if (digits > 0) {
    if (groups === 8) return false;
    store<u16>(GROUPS + (groups << 1), bswap<u16>(<u16>group));
    groups += 1;
  }
  if (run < 0 ? groups !== 8 : groups > 7) return false;
  const before = run < 0 ? 8 : <u32>run;
  const after = groups - min(before, groups);
  store<u64>(out, 0);
  store<u64>(out, 0, 8);
  memory.copy(out, GROUPS, before << 1);
  memory.copy(out + 16 - (after << 1), GROUPS + (before << 1), after << 1);
  return true;
}

/** Writes an address in its canonical spelling (RFC 5952 section 4). @returns the address behind the text */
export function writeAddress(at: usize, key: usize, kind: u32): usize {
  if (kind === TEXT_KEY) {
    const text = v128.load(key);
    v128.store(at, text);
    return at + <usize>ctz(<u32>i8x16.bitmask(i8x16.eq(text, i8x16.splat(0))) | 0x10000);
  }
  let first: u32 = 8;
  let longest: u32 = 1;
  let run: u32 = 0;
  for (let index: u32 = 0; index < 8; index += 1) {
    run = load<u16>(key + (index << 1)) === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      first = index + 1 - run;
    }
  }
  for (let index: u32 = 0; index < 8; index += 1) {
    if (index === first) {
      store<u16>(at, 0x3a3a);
      at += 2;
      index += longest - 1;
      continue;
    }
    if (index > 0 && index !== first + longest) {
      store<u8>(at, <u8>COLON);
      at += 1;
    }
    const group = <u32>bswap<u16>(load<u16>(key + (index << 1)));
    for (let shift: i32 = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
      const digit = (group >> shift) & 15;
      store<u8>(at, <u8>(digit < 10 ? 0x30 + digit : 0x57 + digit));
      at += 1;
    }
  }
  return at;
}
