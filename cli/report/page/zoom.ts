import type { Range } from './bins.ts';

/** A minimum of five bars of a minute. */
const minSeconds = 300;

/** A change of the shown range of time. */
export type Zoom = 'in' | 'out' | 'earlier' | 'later' | 'all';

/** Begin and end of ranges are multiples of one of these, in seconds. */
const units = [60, 300, 900, 3600, 21_600];

/**
 * Returns the range to show next, rounded outwards to a unit; undefined for the whole range.
 *
 * @param focus the middle of the range after `in`, in epoch seconds (default: the middle of the shown range)
 */
export function zoomed(shown: Range, whole: Range, zoom: Zoom, focus?: number): Range | undefined {
  const length = shown.to - shown.from;
  switch (zoom) {
    case 'in': {
      const inner = Math.max(length / 2, minSeconds);
      const middle = focus ?? shown.from + length / 2;
      const from = Math.min(Math.max(middle - inner / 2, shown.from), shown.to - inner);
      return length <= minSeconds ? shown : within(from, inner, whole);
    }
    case 'out':
      return within(shown.from - length / 2, length * 2, whole);
    case 'earlier':
      return within(shown.from - half(length), length, whole);
    case 'later':
      return within(shown.from + half(length), length, whole);
    case 'all':
      return undefined;
  }
}

/** Returns the median of the times in a range; undefined if there are none. So zooming in never ends in an empty part. */
export function medianWithin(times: Iterable<number>, { from, to }: Range): number | undefined {
  const inside = [...times].filter((time) => time >= from && time < to).sort((a, b) => a - b);
  return inside[Math.floor(inside.length / 2)];
}

/** Returns the part of the whole range that lies between the times of a filter; the whole range if no part does. */
export function shownRange(
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
  whole: Range,
): Range {
  const range = { from: Math.max(from ?? whole.from, whole.from), to: Math.min(to ?? whole.to, whole.to) };
  return range.from < range.to ? range : whole;
}

/** Returns whether a shown range is the whole; its ends may be up to a unit outside. */
export function isWhole(shown: Range, whole: Range): boolean {
  return shown.from <= whole.from && shown.to >= whole.to;
}

/** Returns the longest unit that fits into a length at least twelve times, or else the shortest unit. */
function unitOf(length: number): number {
  return units.findLast((unit) => unit * 12 <= length) ?? units[0]!;
}

function half(length: number): number {
  const unit = unitOf(length);
  return Math.ceil(length / 2 / unit) * unit;
}

function within(from: number, length: number, whole: Range): Range | undefined {
  if (length >= whole.to - whole.from) return undefined;
  const unit = unitOf(length);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: Math.floor(start / unit) * unit, to: Math.ceil((start + length) / unit) * unit };
}
