import { maxOf } from '../../lambda/flow-log/field-value.ts';
import type { FieldKind } from '../../lambda/flow-log/fields.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';

/** What a scan does at a field of a line. */
export const step = {
  /** Passes over text in ASCII. */
  text: 0,
  /** Checks a whole number up to the field's limit. */
  number: 1,
  bytes: 2,
  start: 3,
  end: 4,
  /** Checks that the number is the format's. */
  version: 5,
  /** Takes an address into the line's key. */
  address: 6,
  /** Checks a word of a list. */
  action: 7,
  status: 8,
  direction: 9,
} as const;

/** How the lines of a format are scanned: a step and a limit for each field. */
export interface LinePlan {
  readonly format: Format;
  readonly steps: Uint8Array;
  /** The largest number that the scan takes at the field. */
  readonly limits: Float64Array;
  /** Which of a line's addresses, in their order, is which. */
  readonly addresses: readonly string[];
}

/**
 * The plan of a file's first own format, or undefined where its lines must be read one by one: they have no `start` and
 * `end`, or are told from those of another format by more than their number of fields.
 */
export function linePlan({ own, stream }: LineFormats): LinePlan | undefined {
  const format = own[0]!;
  if (!format.indexOf.has('start') || !format.indexOf.has('end')) return undefined;
  // Where lines are written anew, those of other files have no part in how these are read.
  const others = [...own, ...(stream.common ? [] : stream.formats)].filter((other) => !isSameFormat(other, format));
  if (others.some((other) => other.names.length === format.names.length)) return undefined;
  const steps = format.names.map((name, index) => stepOf(name, format.kinds[index]!));
  if (steps.includes(undefined)) return undefined;
  return {
    format,
    steps: Uint8Array.from(steps as number[]),
    limits: Float64Array.from(format.kinds.map((kind) => (typeof kind === 'string' && limits[kind]) || 0)),
    addresses: format.names.filter((_, index) => steps[index] === step.address),
  };
}

function stepOf(name: string, kind: FieldKind): number | undefined {
  if (name === 'bytes' || name === 'start' || name === 'end' || name === 'version') return step[name];
  if (name === 'action') return step.action;
  if (name === 'log-status') return step.status;
  if (name === 'flow-direction') return step.direction;
  if (kind === 'address') return step.address;
  if (kind === 'string') return step.text;
  return typeof kind === 'string' ? step.number : undefined;
}

/** Fifteen digits are exact as a number; of a time, more than eleven are milliseconds. What has more is read otherwise. */
const limits: Partial<Record<string, number>> = { ...maxOf, int64: 999_999_999_999_999, seconds: 99_999_999_999 };
