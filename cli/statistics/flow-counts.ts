import type { Quantity } from '../../lambda/common/quantity.ts';
import type { ReadRecord } from '../../lambda/parse/read-records.ts';
import { UnreadableLines, type UnreadableReason } from './unreadable-lines.ts';

/** What the lines were. */
export interface RecordTotals {
  /** Flows that were logged; a line that says that there were none, or that some are missing, is none. */
  readonly flows: number;
  /** Of them, those that are part of their pair's bytes or rejects, and what they add up to. */
  readonly counted: number;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly noData: number;
  readonly skipData: number;
  readonly unreadable: number;
  /** Why lines could not be read, the most frequent first. */
  readonly reasons: readonly UnreadableReason[];
}

/** From the earliest `start` to the latest `end` of a flow, in epoch seconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** What lines were. Numbers can be added up by hand, where it matters that it is fast. */
export class FlowCounts {
  flows = 0;
  counted = 0;
  noData = 0;
  skipData = 0;
  /** The earliest `start` and the latest `end`, in epoch seconds; infinite where there is none. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  /** How many more records there were than lines: fewer than none where records held several. */
  recordsBeyondLines = 0;
  unreadable = new UnreadableLines();

  /**
   * Adds a line that was read.
   *
   * @param status the flow's `log-status`, where it has one
   * @param start and `end` in epoch seconds, where they are known
   */
  addLine(status: string | null | undefined, start: number | undefined, end: number | undefined): void {
    if (status === 'NODATA') this.noData += 1;
    else if (status === 'SKIPDATA') this.skipData += 1;
    else this.flows += 1;
    this.from = Math.min(this.from, start ?? end ?? this.from);
    this.to = Math.max(this.to, end ?? start ?? this.to);
  }

  addUnreadable({ outcome }: ReadRecord, text: string): void {
    if (outcome.kind === 'failed') this.unreadable.add(outcome.reason, text);
    if (outcome.kind !== 'lines') return;
    for (const line of outcome.lines) if (line.kind === 'unreadable') this.unreadable.add(line.reason, line.text);
  }

  /** All of it, to be passed to another thread. */
  columns() {
    const { flows, counted, noData, skipData, from, to, recordsBeyondLines } = this;
    return { flows, counted, noData, skipData, from, to, recordsBeyondLines, reasons: this.unreadable.reasons };
  }

  /** All of it, and begins anew. */
  takeColumns(): ReturnType<FlowCounts['columns']> {
    const taken = this.columns();
    Object.assign(this, new FlowCounts());
    return taken;
  }

  /** How many lines there were. */
  get lines(): number {
    return this.flows + this.noData + this.skipData + this.unreadable.lines;
  }

  /** How many records there were: a line that came bare is one. */
  get recordCount(): number {
    return this.lines + this.recordsBeyondLines;
  }

  /** Adds what was counted elsewhere. */
  add(other: ReturnType<FlowCounts['columns']>): void {
    this.flows += other.flows;
    this.counted += other.counted;
    this.noData += other.noData;
    this.skipData += other.skipData;
    this.from = Math.min(this.from, other.from);
    this.to = Math.max(this.to, other.to);
    this.recordsBeyondLines += other.recordsBeyondLines;
    this.unreadable.addAll(other.reasons);
  }

  get period(): Period | undefined {
    return this.from <= this.to ? { from: this.from, to: this.to } : undefined;
  }

  /** What a report says of them. @param sums what was counted of them */
  totals(sums: Pick<RecordTotals, 'bytes' | 'rejects'>): RecordTotals {
    const { flows, counted, noData, skipData, unreadable } = this;
    return {
      ...{ flows, counted, noData, skipData },
      ...sums,
      unreadable: unreadable.lines,
      reasons: unreadable.mostFrequent(),
    };
  }
}
