/**
 * The starts of ranges, ascending. A range ends where the next one starts, and a gap is a range with the value 0. A start
 * has `width` words of 32 bits, the highest first.
 */
export interface RangeStarts {
  readonly width: 1 | 2 | 4;
  readonly starts: Uint32Array;
  /** The value of each range. */
  readonly values: Uint32Array;
  /** The first word of each 64th start. A search of these stays in the cache of the processor. */
  readonly coarse: Uint32Array;
}

/**
 * Ranges of IPv4 and IPv6 addresses. An IPv6 start whose lower 64 bits are zero is in `ipv6Upper`, by its upper 64 bits.
 * Any other start, such as one of a range longer than /64, is in `ipv6Full` with all 128 bits.
 */
export interface RangeTable {
  readonly ipv4: RangeStarts;
  readonly ipv6Upper: RangeStarts;
  readonly ipv6Full: RangeStarts;
}

/** Adds the coarse starts. @param starts ascending, `width` words for each of the values */
export function rangeStarts(width: RangeStarts['width'], starts: Uint32Array, values: Uint32Array): RangeStarts {
  const coarse = new Uint32Array(Math.ceil(values.length / blockLength));
  for (let block = 0; block < coarse.length; block += 1) coarse[block] = starts[block * blockLength * width]!;
  return { width, starts, values, coarse };
}

const blockLength = 64;

/**
 * Returns the value of the range that contains an address; 0 if no range does.
 *
 * @param words the address in words of 32 bits, the highest first: one for IPv4, four for IPv6
 */
export function valueAt(table: RangeTable, words: Uint32Array, isIpv4: boolean): number {
  if (isIpv4) {
    const row = lastStart(table.ipv4, words);
    return row < 0 ? 0 : table.ipv4.values[row]!;
  }
  const { ipv6Upper, ipv6Full } = table;
  const upper = lastStart(ipv6Upper, words);
  const full = ipv6Full.values.length === 0 ? -1 : lastStart(ipv6Full, words);
  // The later of both starts decides. A full start has lower bits, so it is the later one of the same /64.
  if (full >= 0 && (upper < 0 || !isAfter(ipv6Upper, upper, ipv6Full.starts, 4 * full))) return ipv6Full.values[full]!;
  return upper < 0 ? 0 : ipv6Upper.values[upper]!;
}

/** Returns the index of the last start that is not after an address; -1 if all are. */
function lastStart(ranges: RangeStarts, words: Uint32Array): number {
  const { starts, width, values, coarse } = ranges;
  const first = words[0]!;
  const blocks = countUpTo(coarse, first);
  if (blocks === 0) return -1;
  // Blocks that begin with the first word of the address may begin after the address.
  let from = width > 1 && coarse[blocks - 1] === first ? 0 : (blocks - 1) * blockLength;
  let to = Math.min(blocks * blockLength, values.length);
  while (from < to) {
    const middle = (from + to) >>> 1;
    // The first words decide in most steps, without a call.
    const start = starts[middle * width]!;
    if (start === first ? isAfter(ranges, middle, words) : start > first) to = middle;
    else from = middle + 1;
  }
  return from - 1;
}

/** Returns how many of ascending numbers are not above a limit. */
function countUpTo(numbers: Uint32Array, limit: number): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (numbers[middle]! > limit) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Returns whether a start is after the address at an offset of words; compares as many words as the start has. */
function isAfter({ starts, width }: RangeStarts, row: number, words: Uint32Array, offset = 0): boolean {
  for (let index = 0; index < width; index += 1) {
    const start = starts[row * width + index]!;
    const word = words[offset + index]!;
    if (start !== word) return start > word;
  }
  return false;
}

/** Returns the index of the first start that is not after the one before; undefined if all ascend. */
export function firstUnsorted({
  starts,
  width,
  values,
}: Pick<RangeStarts, 'starts' | 'width' | 'values'>): number | undefined {
  for (let row = 1; row < values.length; row += 1) {
    let at = row * width;
    const end = at + width - 1;
    while (at < end && starts[at] === starts[at - width]) at += 1;
    if (starts[at]! <= starts[at - width]!) return row;
  }
  return undefined;
}
