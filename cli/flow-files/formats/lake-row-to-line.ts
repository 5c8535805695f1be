import { readQuantities } from '../../../lambda/common/quantity.ts';
import { textOf } from '../../../lambda/decode/envelopes/envelope.ts';
import { namesOfFields } from '../../../lambda/flow-log/field-names.ts';
import { closestFormat, lineWriter } from './common-format.ts';
import type { Reading } from './reader.ts';

/** Parses JSON with all digits of its numbers; undefined if the bytes are not valid JSON. */
export function jsonWithDigits(bytes: Buffer): unknown {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, readQuantities) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a decoded flow as its original line; undefined if a value does not fit into a line. */
export type WriteDecoded = (flow: Readonly<Record<string, unknown>>) => string | undefined;

/** Upper bound of cached writers, one for each set of members. */
const maxWriters = 64;

/** Returns a function that writes decoded flows as lines: in the common format, or else in the format of their fields. */
export function decodedWriter({ formats, common, problem }: Omit<Reading, 'plain'>): WriteDecoded {
  const writers = new Map<string, WriteDecoded>();
  return (flow) => {
    const members = Object.keys(flow).join();
    let write = writers.get(members);
    if (!write) {
      if (writers.size === maxWriters) writers.clear();
      write = writerFor(namesOfFields(Object.keys(flow)), { formats, common, problem });
      writers.set(members, write);
    }
    return write(flow);
  };
}

/** @param members the member of each field */
function writerFor(
  members: ReadonlyMap<string, string>,
  { formats, common, problem }: Omit<Reading, 'plain'>,
): WriteDecoded {
  const format = common ?? closestFormat(new Set(members.keys()), formats);
  const omitted = [...members.keys()].filter((name) => !format.indexOf.has(name));
  if (omitted.length > 0)
    problem(`lines far from its beginning have further fields, which were left out: ${omitted.join(', ')}`);
  const write = lineWriter(format, formats);
  return (flow) => {
    let isSound = true;
    const line = write((name) => {
      const member = members.get(name);
      const text = member === undefined ? undefined : valueText(flow[member]);
      if (text === unsound) isSound = false;
      return text;
    });
    return isSound ? line : undefined;
  };
}

const unsound = ' ';

/** Returns the text of a value; `unsound` if it does not fit into a line; undefined if it is not available. */
function valueText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return String(value);
  return typeof value === 'string' && /^\S+$/.test(value) ? value : unsound;
}
