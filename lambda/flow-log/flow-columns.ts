import { epochSeconds } from '../common/calendar.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { type Dictionary, noCode } from './dictionary.ts';
import { fields } from './fields.ts';
import type { FlowText } from './flow.ts';
import type { FlowRows } from './flow-rows.ts';
import { type RegionCodes, type RegionField, regionFields } from './region-fields.ts';

/** The value of a row whose number is not available. */
export const noNumber = -1;

/** The numbers of a field, by row. */
export interface NumberColumn {
  /** noNumber if the value is not available; NaN if it has more than 15 digits. */
  readonly values: Float64Array;
  /** The numbers with more than 15 digits, by row. */
  readonly large: ReadonlyMap<number, Quantity>;
}

/** Returns the number in a row; undefined if it is not available. */
export function numberAt({ values, large }: NumberColumn, row: number): Quantity | undefined {
  const value = values[row]!;
  if (value === noNumber) return undefined;
  return Number.isNaN(value) ? large.get(row) : value;
}

/** Returns the numbers of a numeric field. */
function numbersOf(rows: FlowRows, name: string): NumberColumn {
  const values = new Float64Array(rows.length);
  const large = new Map<number, Quantity>();
  const cursor = new ValueCursor(rows, name);
  for (let row = 0; row < values.length; row += 1) {
    if (!cursor.isAvailable(row)) values[row] = noNumber;
    else if (cursor.to - cursor.from > maxDigits) {
      values[row] = Number.NaN;
      large.set(row, parseQuantity(cursor.text));
    } else values[row] = cursor.ascii ? numberIn(cursor.ascii, cursor.from, cursor.to) : Number(cursor.text);
  }
  return { values, large };
}

/** Returns a time field in epoch seconds; noNumber where it is not available. */
function secondsOfRows(rows: FlowRows, name: 'start' | 'end'): Float64Array {
  const { values } = numbersOf(rows, name);
  for (let row = 0; row < values.length; row += 1) values[row] = epochSeconds(values[row]!);
  return values;
}

/** Returns the time of each flow in epoch seconds: its end, or else its start; noNumber without both. */
export function ownTimesOf(rows: FlowRows): Float64Array {
  return ownTimesFrom((name) => secondsOfRows(rows, name));
}

/** See ownTimesOf. @param seconds returns a time field: see secondsOfRows */
function ownTimesFrom(seconds: (name: 'start' | 'end') => Float64Array): Float64Array {
  const times = seconds('end');
  if (!times.includes(noNumber)) return times;
  const starts = seconds('start');
  return times.map((time, row) => (time === noNumber ? starts[row]! : time));
}

/**
 * The flows of a batch as columns: one array for each field that is asked for, with a value for each row. A text is its
 * code in a dictionary, so texts are compared, grouped and tested as numbers.
 *
 * A column is made when it is first asked for.
 */
export class FlowColumns {
  readonly rows: FlowRows;
  readonly dictionary: Dictionary;
  readonly #regions: RegionCodes | undefined;
  readonly #codes = new Map<string, Int32Array>();
  readonly #endpoints = new Map<string, Int32Array>();
  readonly #numbers = new Map<string, NumberColumn>();
  readonly #seconds = new Map<string, Float64Array>();
  #ownTimes: Float64Array | undefined;
  #times: Float64Array | undefined;

  /** @param regions finds the fields of regions, with the codes of the dictionary (default: none is available) */
  constructor(rows: FlowRows, dictionary: Dictionary, regions?: RegionCodes) {
    this.rows = rows;
    this.dictionary = dictionary;
    this.#regions = regions;
  }

  get length(): number {
    return this.rows.length;
  }

  /** Returns the codes of a field's values; noCode where the format lacks the field, or the value is not available. */
  codes(name: string): Int32Array {
    return remembered(this.#codes, name, () => {
      const region = regionFields.get(name);
      if (region) return this.#codesOfRegions(region);
      const kind = fields.get(name)?.kind;
      if (kind === 'port' || kind === 'protocol') return this.#codesOfNumbers(name);
      return typeof kind === 'object' ? this.#codesOfWords(name, kind) : this.#codesOfTexts(name);
    });
  }

  /** Returns the codes of a field for counting and rules: of the values that endpointValue returns. */
  endpoints(name: string): Int32Array {
    if (name !== 'srcaddr' && name !== 'dstaddr') return this.codes(name);
    return remembered(this.#endpoints, name, () => {
      const ofInterface = this.codes(name);
      return this.codes(`pkt-${name}`).map((code, row) => (code === noCode ? ofInterface[row]! : code));
    });
  }

  #codesOfRegions({ address, fact }: RegionField): Int32Array {
    return this.#regions?.codesOf(this.endpoints(address), fact, this.dictionary) ?? new Int32Array(this.length);
  }

  #codesOfTexts(name: string): Int32Array {
    const { dictionary } = this;
    const codes = new Int32Array(this.length);
    const cursor = new ValueCursor(this.rows, name);
    for (let row = 0; row < codes.length; row += 1) {
      if (!cursor.isAvailable(row)) continue;
      const { ascii } = cursor;
      codes[row] = ascii ? dictionary.codeOf(ascii, cursor.from, cursor.to) : dictionary.codeOfText(cursor.text);
    }
    return codes;
  }

  /** A number has one spelling, so its code is found without the text. */
  #codesOfNumbers(name: string): Int32Array {
    const { values } = this.numbers(name);
    const codes = new Int32Array(values.length);
    for (let row = 0; row < codes.length; row += 1) {
      if (values[row] !== noNumber) codes[row] = this.dictionary.codeOfPort(values[row]!);
    }
    return codes;
  }

  /** The first character tells the words of a field apart. */
  #codesOfWords(name: string, words: readonly string[]): Int32Array {
    const codeOf = new Int32Array(128);
    for (const word of words) codeOf[word.charCodeAt(0)] = this.dictionary.codeOfText(word);
    const codes = new Int32Array(this.length);
    const cursor = new ValueCursor(this.rows, name);
    for (let row = 0; row < codes.length; row += 1) {
      if (cursor.isAvailable(row)) codes[row] = codeOf[cursor.firstCharacter]!;
    }
    return codes;
  }

  /** See numbersOf. */
  numbers(name: string): NumberColumn {
    return remembered(this.#numbers, name, () => {
      return regionFields.has(name) ? this.#numbersOfRegions(name) : numbersOf(this.rows, name);
    });
  }

  /** The numbers of a field of regions have at most ten digits. */
  #numbersOfRegions(name: string): NumberColumn {
    const codes = this.codes(name);
    const values = new Float64Array(codes.length);
    for (let row = 0; row < values.length; row += 1)
      values[row] = codes[row] === noCode ? noNumber : Number(this.dictionary.textOf(codes[row]!));
    return { values, large: new Map() };
  }

  /** See secondsOfRows. */
  seconds(name: 'start' | 'end'): Float64Array {
    return remembered(this.#seconds, name, () => secondsOfRows(this.rows, name));
  }

  /** See ownTimesOf. */
  get ownTimes(): Float64Array {
    this.#ownTimes ??= ownTimesFrom((name) => this.seconds(name));
    return this.#ownTimes;
  }

  /**
   * The time of each flow in epoch seconds: its own, or else the arrival of its record. Unknown arrivals must be set before
   * the first call: see FlowRows.setUnknownArrivals.
   */
  get times(): Float64Array {
    this.#times ??= this.ownTimes.map((time, row) => (time === noNumber ? this.rows.arrival[row]! : time));
    return this.#times;
  }
}

/** Finds the values of one field in their texts. */
class ValueCursor {
  /** The bytes of the text with the value, if it is ASCII; and where the value begins and ends. */
  ascii: Uint8Array | undefined;
  from = 0;
  to = 0;
  readonly #rows: FlowRows;
  /** The index of the field in each format; -1 if the format lacks it. */
  readonly #indexes: readonly number[];
  #source: FlowText | undefined;

  constructor(rows: FlowRows, name: string) {
    this.#rows = rows;
    this.#indexes = rows.formats.map(({ indexOf }) => indexOf.get(name) ?? -1);
  }

  /** Moves to a row, and returns whether its value is available. */
  isAvailable(row: number): boolean {
    const { formatOf, texts, textOf, firstBound } = this.#rows;
    const index = this.#indexes[formatOf[row]!]!;
    if (index < 0) return false;
    const source = texts[textOf[row]!]!;
    this.#source = source;
    this.ascii = source.ascii;
    const bound = firstBound[row]! + index;
    this.from = source.bounds[bound]!;
    this.to = source.bounds[bound + 1]! - 1;
    return this.to - this.from !== 1 || source.text.charCodeAt(this.from) !== dash;
  }

  get firstCharacter(): number {
    return this.#source!.text.charCodeAt(this.from);
  }

  /** The text of the value. */
  get text(): string {
    return this.#source!.text.slice(this.from, this.to);
  }
}

const dash = 0x2d;
const zero = 0x30;

/** A number of more digits may be inexact in JavaScript. */
const maxDigits = 15;

function numberIn(ascii: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + (ascii[at]! - zero);
  return value;
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  let value = known.get(name);
  if (value === undefined) {
    value = make();
    known.set(name, value);
  }
  return value;
}
