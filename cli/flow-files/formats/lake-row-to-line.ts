import { readQuantities } from '../../../lambda/common/quantity.ts';
import { textOf } from '../../../lambda/decode/envelopes/envelope.ts';
import { closestFormat, lineWriter } from './common-format.ts';
import { fieldNames } from './json-object.ts';
import type { Reading } from './reader.ts';

/** Reads JSON with all digits of its numbers; undefined where the bytes are none. */
export function jsonWithDigits(bytes: Buffer): unknown {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, readQuantities) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a decoded flow as the line that it was; undefined where a value cannot stand in a line. */
export type WriteDecoded = (flow: Readonly<Record<string, unknown>>) => string | undefined;

/** Sets of members that are remembered. */
const maxSets = 64;

/** Writes decoded flows as lines of the stream's formats: each in the one that has its fields, or else in the common one. */
export function decodedWriter({ formats, common, problem }: Omit<Reading, 'plain'>): WriteDecoded {
  const writers = new Map<string, WriteDecoded>();
  return (flow) => {
    const set = Object.keys(flow).join();
    let write = writers.get(set);
    if (!write) {
      if (writers.size === maxSets) writers.clear();
      write = writerFor(new Set(fieldNames(Object.keys(flow))), { formats, common, problem });
      writers.set(set, write);
    }
    return write(flow);
  };
}

function writerFor(names: ReadonlySet<string>, { formats, common, problem }: Omit<Reading, 'plain'>): WriteDecoded {
  const format = common ?? closestFormat(names, formats);
  const left = [...names].filter((name) => !format.indexOf.has(name));
  if (left.length > 0)
    problem(`lines far from its beginning have further fields, which were left out: ${left.join(', ')}`);
  const write = lineWriter(format, formats);
  const keys = new Map(format.names.map((name, index) => [name, format.keys[index]!]));
  return (flow) => {
    let isSound = true;
    const line = write((name) => {
      const text = valueText(flow[keys.get(name)!] ?? flow[name]);
      if (text === unsound) isSound = false;
      return text;
    });
    return isSound ? line : undefined;
  };
}

const unsound = ' ';

/** The text of a value; `unsound` where no line can have it; undefined where it is not available. */
function valueText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return String(value);
  return typeof value === 'string' && /^\S+$/.test(value) ? value : unsound;
}
