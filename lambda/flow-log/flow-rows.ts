import { Flow, type FlowText } from './flow.ts';
import type { Format } from './format.ts';

/**
 * The flows of a batch, a flow in each row: where the values are, and when the record arrived. The values stay in their
 * text, and FlowColumns reads the fields that a stage needs.
 */
export class FlowRows {
  /** The number of rows. */
  length = 0;
  readonly formats: Format[] = [];
  readonly texts: FlowText[] = [];
  /** For each row: the index of its format, of its text, and of its first bound in the text. */
  formatOf: Uint16Array;
  textOf: Int32Array;
  firstBound: Int32Array;
  /** For each row, the arrival of its record in epoch seconds; NaN if unknown. */
  arrival: Float64Array;

  /** @param capacity the number of rows to reserve; more rows may follow */
  constructor(capacity = 1) {
    const length = Math.max(1, capacity);
    this.formatOf = new Uint16Array(length);
    this.textOf = new Int32Array(length);
    this.firstBound = new Int32Array(length);
    this.arrival = new Float64Array(length);
  }

  /** Appends a flow. @param arrival epoch seconds */
  push(format: Format, text: FlowText, firstBound: number, arrival = Number.NaN): void {
    const row = this.length;
    if (row === this.textOf.length) this.#grow(2 * row);
    if (this.texts.at(-1) !== text) this.texts.push(text);
    let index = this.formats.indexOf(format);
    if (index < 0) index = this.formats.push(format) - 1;
    this.formatOf[row] = index;
    this.textOf[row] = this.texts.length - 1;
    this.firstBound[row] = firstBound;
    this.arrival[row] = arrival;
    this.length = row + 1;
  }

  /** Appends rows of other flows, from one to before another. @param arrival epoch seconds */
  pushAll(other: FlowRows, from: number, to: number, arrival: number | undefined): void {
    for (let row = from; row < to; row += 1) {
      const format = other.formats[other.formatOf[row]!]!;
      this.push(format, other.texts[other.textOf[row]!]!, other.firstBound[row]!, arrival);
    }
  }

  /** Sets the arrivals that are unknown. @param arrival epoch seconds */
  setUnknownArrivals(arrival: number): void {
    for (let row = 0; row < this.length; row += 1) if (Number.isNaN(this.arrival[row])) this.arrival[row] = arrival;
  }

  /** Returns the text of the field at an index of the row's format; `-` if it is not available. */
  value(row: number, index: number): string {
    const { text, bounds } = this.texts[this.textOf[row]!]!;
    const bound = this.firstBound[row]! + index;
    return text.slice(bounds[bound], bounds[bound + 1]! - 1);
  }

  /** Returns whether the value of the field at an index of the row's format is available. */
  isAvailable(row: number, index: number): boolean {
    const { text, bounds } = this.texts[this.textOf[row]!]!;
    const bound = this.firstBound[row]! + index;
    return bounds[bound + 1]! - bounds[bound]! !== 2 || text.charCodeAt(bounds[bound]!) !== dash;
  }

  /** Returns the flow in a row. */
  flow(row: number): Flow {
    return new Flow(this.formats[this.formatOf[row]!]!, this.texts[this.textOf[row]!]!, this.firstBound[row]!);
  }

  #grow(length: number): void {
    this.formatOf = grown(this.formatOf, new Uint16Array(length));
    this.textOf = grown(this.textOf, new Int32Array(length));
    this.firstBound = grown(this.firstBound, new Int32Array(length));
    this.arrival = grown(this.arrival, new Float64Array(length));
  }
}

const dash = 0x2d;

/** A flow and the arrival of its record in epoch seconds, which is the flow's time if its format has no `start` and `end`. */
export interface ArrivedFlow {
  readonly flow: Flow;
  readonly arrival: number;
}

/** Returns rows of separate flows. */
export function rowsOf(flows: Iterable<ArrivedFlow>): FlowRows {
  const rows = new FlowRows();
  for (const { flow, arrival } of flows) rows.push(flow.format, flow.source, flow.firstBound, arrival);
  return rows;
}

/** Copies values to the beginning of a larger array, and returns the array. */
function grown<T extends { set(values: ArrayLike<number>): void }>(values: ArrayLike<number>, larger: T): T {
  larger.set(values);
  return larger;
}
