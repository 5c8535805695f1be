import { maxOf } from '../../lambda/flow-log/field-value.ts';
import type { FieldKind } from '../../lambda/flow-log/fields.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';

/** The step of a scan at a field of a line. */
export const step = {
  /** Skips ASCII text. */
  text: 0,
  /** Checks an integer up to the field's limit. */
  number: 1,
  bytes: 2,
  start: 3,
  end: 4,
  /** Checks that the number is the version of the format. */
  version: 5,
  /** Adds an address to the line's key. */
  address: 6,
  /** Checks a word against a list. */
  action: 7,
  status: 8,
  direction: 9,
} as const;

/** The plan for scanning lines of a format: a step and a limit for each field. */
export interface LinePlan {
  readonly format: Format;
  readonly steps: Uint8Array;
  /** Upper bound of the number at each field; the slow path counts lines with larger numbers. */
  readonly limits: Float64Array;
  /** The field names of a line's addresses, in their order. */
  readonly addresses: readonly string[];
}

/**
 * Returns the plan of a file's first format. Undefined if the lines must take the slow path: they have no `start` and
 * `end`, or another format has the same number of fields.
 */
export function linePlan({ own, stream }: LineFormats): LinePlan | undefined {
  const format = own[0]!;
  if (!format.indexOf.has('start') || !format.indexOf.has('end')) return undefined;
  // If lines are rewritten, the formats of other files do not affect these lines.
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

/** Fifteen digits are exact as a number; a time of more than eleven digits is in milliseconds. */
const limits: Partial<Record<string, number>> = { ...maxOf, int64: 999_999_999_999_999, seconds: 99_999_999_999 };
