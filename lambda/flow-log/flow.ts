import { epochSeconds } from '../common/calendar.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { notAvailable } from './fields.ts';
import type { Format } from './format.ts';

const dash = notAvailable.charCodeAt(0);

/** The text that flow log records were read from, or written anew in: of each, one value after the other. */
export interface FlowText {
  readonly text: string;
  /** For each record, where its values begin and, as one more, where another would; between two of them is a blank. */
  readonly bounds: Int32Array;
  /** The text's bytes, where each value is known to be ASCII that JSON writes as it is. */
  readonly ascii?: Uint8Array;
}

/**
 * One flow log record, its values checked against their fields' kinds; addresses in their canonical spelling. A value
 * becomes a text of its own when somebody asks for it: most are never asked for.
 */
export class Flow {
  readonly format: Format;
  readonly source: FlowText;
  /** Which of the bounds is the first. */
  readonly firstBound: number;

  constructor(format: Format, source: FlowText, first: number) {
    this.format = format;
    this.source = source;
    this.firstBound = first;
  }

  /** The text of the field at a place of the format, `-` where it is not available. */
  value(place: number): string {
    return this.span(place, place);
  }

  /** The text from one field to another that does not stand before it, a blank between two. */
  span(from: number, to: number): string {
    const { text, bounds } = this.source;
    return text.slice(bounds[this.firstBound + from], bounds[this.firstBound + to + 1]! - 1);
  }

  isAvailable(place: number): boolean {
    const { text, bounds } = this.source;
    const begin = bounds[this.firstBound + place]!;
    return bounds[this.firstBound + place + 1]! - begin !== 2 || text.charCodeAt(begin) !== dash;
  }

  /** The text of each field, in the format's order. */
  get values(): string[] {
    return this.format.names.map((_, place) => this.value(place));
  }
}

/** A flow of values that were read one by one. */
export function flowOfValues(format: Format, values: readonly string[]): Flow {
  const bounds = new Int32Array(values.length + 1);
  for (const [place, value] of values.entries()) bounds[place + 1] = bounds[place]! + value.length + 1;
  return new Flow(format, { text: values.join(' '), bounds }, 0);
}

/** The text of a field; undefined where the format has no such field, or it is not available. */
export function fieldOf(flow: Flow, name: string): string | undefined {
  const place = flow.format.indexOf.get(name);
  return place === undefined || !flow.isAvailable(place) ? undefined : flow.value(place);
}

/** Reads a field of a flow; undefined as fieldOf says. */
export type FieldReader = (flow: Flow) => string | undefined;

/** Reads one field of many flows: what fieldOf says, with the field's place looked up once where the format stays. */
export function fieldReader(name: string): FieldReader {
  let format: Format | undefined;
  let place: number | undefined;
  return (flow) => {
    if (flow.format !== format) {
      format = flow.format;
      place = format.indexOf.get(name);
    }
    return place === undefined || !flow.isAvailable(place) ? undefined : flow.value(place);
  };
}

/** The number in a field; undefined where the format has no such field, or it is not available. */
export function quantityOf(flow: Flow, name: string): Quantity | undefined {
  const digits = fieldOf(flow, name);
  return digits === undefined ? undefined : parseQuantity(digits);
}

/** When the flow ended, in epoch seconds, or else when it started; undefined where neither is available. */
export function timeOf(flow: Flow): number | undefined {
  return secondsOf(flow, 'end') ?? secondsOf(flow, 'start');
}

/** A time field in epoch seconds; undefined where not available. */
export function secondsOf(flow: Flow, name: 'start' | 'end'): number | undefined {
  const digits = timeReaders[name](flow);
  return digits === undefined ? undefined : epochSeconds(Number(parseQuantity(digits)));
}

const timeReaders = { start: fieldReader('start'), end: fieldReader('end') };
