import { type Flow, fieldOf, secondsOf, timeOf } from '../../lambda/core/flow.ts';
import { plus, type Quantity } from '../../lambda/core/quantity.ts';
import type { ReadRecord } from '../../lambda/core/read-record.ts';
import type { PairCounter } from '../pair-counter.ts';
import type { ReportRecords } from '../report/report-data.ts';
import { UnreadableLines } from '../report/unreadable-lines.ts';

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
  readonly unreadable = new UnreadableLines();

  addFlow(flow: Flow): void {
    const status = fieldOf(flow, 'log-status');
    if (status === 'NODATA') this.noData += 1;
    else if (status === 'SKIPDATA') this.skipData += 1;
    else this.flows += 1;
    const end = timeOf(flow);
    const start = secondsOf(flow, 'start') ?? end;
    if (start !== undefined) this.from = Math.min(this.from, start);
    if (end !== undefined) this.to = Math.max(this.to, end);
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

  /** What a report says of them. @param pairs what was counted of them */
  records(pairs: Iterable<PairCounter>): ReportRecords {
    let bytes: Quantity = 0;
    let rejects = 0;
    for (const pair of pairs) {
      bytes = plus(bytes, pair.bytes);
      rejects += pair.rejects;
    }
    const { flows, counted, noData, skipData, unreadable } = this;
    return {
      flows,
      counted,
      noData,
      skipData,
      bytes,
      rejects,
      unreadable: unreadable.lines,
      reasons: unreadable.read(),
    };
  }
}
