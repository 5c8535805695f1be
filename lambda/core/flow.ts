import { epochSeconds } from './epoch-seconds.ts';
import { notAvailable } from './fields.ts';
import type { Format } from './format.ts';
import { parseQuantity, type Quantity } from './quantity.ts';

/** One flow log record, its values checked against their fields' kinds; addresses in their canonical spelling. */
export interface Flow {
  readonly format: Format;
  /** The text of each field, `-` where it is not available, in the format's order. */
  readonly values: readonly string[];
  /** Whether all values are known to be ASCII that JSON writes as it is. */
  readonly isPlain?: true;
}

/** The text of a field; undefined where the format has no such field, or it is not available. */
export function fieldOf(flow: Flow, name: string): string | undefined {
  const index = flow.format.indexOf.get(name);
  const value = index === undefined ? undefined : flow.values[index];
  return value === notAvailable ? undefined : value;
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
    const value = place === undefined ? undefined : flow.values[place];
    return value === notAvailable ? undefined : value;
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
