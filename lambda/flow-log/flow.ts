import { epochSeconds } from '../common/calendar.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { notAvailable } from './fields.ts';
import type { Format } from './format.ts';

const dash = notAvailable.charCodeAt(0);

/** The text of flow log records, and the positions of their values in it. */
export interface FlowText {
  readonly text: string;
  /** For each record, the start of each value, and of one more behind the last; a blank is between two values. */
  readonly bounds: Int32Array;
  /** The text's bytes, if each value is ASCII without characters that JSON escapes. */
  readonly ascii?: Uint8Array;
}

/**
 * One flow log record. Its values are valid for their fields' kinds, and addresses have their canonical spelling. A value
 * is sliced from the text when it is read, since most values never are.
 */
export class Flow {
  readonly format: Format;
  readonly source: FlowText;
  /** The index of the record's first bound. */
  readonly firstBound: number;

  constructor(format: Format, source: FlowText, first: number) {
    this.format = format;
    this.source = source;
    this.firstBound = first;
  }

  /** Returns the text of the field at an index of the format; `-` if it is not available. */
  value(index: number): string {
    return this.span(index, index);
  }

  /** Returns the text from one field to the same or a later one, with a blank between two fields. */
  span(from: number, to: number): string {
    const { text, bounds } = this.source;
    return text.slice(bounds[this.firstBound + from], bounds[this.firstBound + to + 1]! - 1);
  }

  isAvailable(index: number): boolean {
    const { text, bounds } = this.source;
    const begin = bounds[this.firstBound + index]!;
    return bounds[this.firstBound + index + 1]! - begin !== 2 || text.charCodeAt(begin) !== dash;
  }

  /** The text of each field, in the format's order. */
  get values(): string[] {
    return this.format.names.map((_, index) => this.value(index));
  }
}

/** Makes a flow of separate values. */
export function flowOfValues(format: Format, values: readonly string[]): Flow {
  const bounds = new Int32Array(values.length + 1);
  for (const [index, value] of values.entries()) bounds[index + 1] = bounds[index]! + value.length + 1;
  return new Flow(format, { text: values.join(' '), bounds }, 0);
}

/** Returns the text of a field; undefined if the format lacks the field, or its value is not available. */
export function fieldOf(flow: Flow, name: string): string | undefined {
  const index = flow.format.indexOf.get(name);
  return index === undefined || !flow.isAvailable(index) ? undefined : flow.value(index);
}

/** Reads a field of a flow; undefined in the same cases as fieldOf. */
export type FieldReader = (flow: Flow) => string | undefined;

/** Makes a reader of one field of many flows, which looks the field's index up only when the format changes. */
export function fieldReader(name: string): FieldReader {
  let format: Format | undefined;
  let index: number | undefined;
  return (flow) => {
    if (flow.format !== format) {
      format = flow.format;
      index = format.indexOf.get(name);
    }
    return index === undefined || !flow.isAvailable(index) ? undefined : flow.value(index);
  };
}

/** Returns the number in a field; undefined if the format lacks the field, or its value is not available. */
export function quantityOf(flow: Flow, name: string): Quantity | undefined {
  const digits = fieldOf(flow, name);
  return digits === undefined ? undefined : parseQuantity(digits);
}

/** Returns the flow's end in epoch seconds, or its start if the end is not available; undefined without both. */
export function timeOf(flow: Flow): number | undefined {
  return secondsOf(flow, 'end') ?? secondsOf(flow, 'start');
}

/** Returns a time field in epoch seconds; undefined if it is not available. */
export function secondsOf(flow: Flow, name: 'start' | 'end'): number | undefined {
  const digits = timeReaders[name](flow);
  return digits === undefined ? undefined : epochSeconds(Number(parseQuantity(digits)));
}

const timeReaders = { start: fieldReader('start'), end: fieldReader('end') };
