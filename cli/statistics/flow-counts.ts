import type { Quantity } from '../../lambda/common/quantity.ts';
import type { ReadRecord } from '../../lambda/parse/read-records.ts';
import { UnreadableLines, type UnreadableReason } from './unreadable-lines.ts';

/** Numbers of lines by kind, and the sums of the counted flows. */
export interface RecordTotals {
  /** Flow records, without NODATA and SKIPDATA lines. */
  readonly flows: number;
  /** Flow records that are part of their pair's bytes or rejects; `bytes` and `rejects` are their sums. */
  readonly counted: number;
  /** Accepted flow records that are left out, since another interface logs them too. */
  readonly leftOut: number;
  readonly bytes: Quantity;
  readonly rejects: number;
  /** Flow records that count 0, by the reason. */
  readonly uncounted: UncountedFlows;
  readonly noData: number;
  readonly skipData: number;
  readonly unreadable: number;
  /** Reasons why lines could not be read, the most frequent first. */
  readonly reasons: readonly UnreadableReason[];
}

/** Numbers of flow records that count neither bytes nor a reject. Duplicate observations are not among them. */
export interface UncountedFlows {
  /** Flows without a source or a destination. */
  readonly noAddress: number;
  readonly noAction: number;
  /** Accepted flows without bytes. */
  readonly noBytes: number;
}

/** Time from the earliest `start` to the latest `end` of a flow, in epoch seconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Returns whether a line with a `log-status` is a flow: not NODATA or SKIPDATA. */
export function isFlow(status: string | null | undefined): boolean {
  return status !== 'NODATA' && status !== 'SKIPDATA';
}

/** Numbers of readable lines by kind; times are epoch seconds, infinite without a flow. See FlowCounts. */
export type LineCounts = Readonly<Record<(typeof lineCountNames)[number], number>>;

/** The names of LineCounts, in the order in which the kernel writes them: `cli/line-kernel/assembly/pair-table.ts`. */
export const lineCountNames = [
  ...(['flows', 'noData', 'skipData', 'counted', 'leftOut', 'noAddress', 'noAction', 'noBytes', 'outside'] as const),
  ...(['from', 'to', 'outsideFrom', 'outsideTo'] as const),
] as const;

/** Counts of lines by kind. */
export class FlowCounts {
  flows = 0;
  counted = 0;
  noAddress = 0;
  noAction = 0;
  noBytes = 0;
  leftOut = 0;
  noData = 0;
  skipData = 0;
  /** The earliest `start` and the latest `end`, in epoch seconds; infinite without a flow. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  /** Number of lines outside the time range, and the time of their flows, as `from` and `to`. */
  outside = 0;
  outsideFrom = Number.POSITIVE_INFINITY;
  outsideTo = Number.NEGATIVE_INFINITY;
  /** Number of records minus number of lines: negative if records held several lines. */
  recordsBeyondLines = 0;
  unreadable = new UnreadableLines();

  /**
   * Counts a readable line.
   *
   * @param status the flow's `log-status`, if its format has the field
   * @param start time in epoch seconds, as `end`; undefined if unknown
   */
  addLine(status: string | null | undefined, start: number | undefined, end: number | undefined): void {
    if (isFlow(status)) this.flows += 1;
    else if (status === 'NODATA') this.noData += 1;
    else this.skipData += 1;
    this.from = Math.min(this.from, start ?? end ?? this.from);
    this.to = Math.max(this.to, end ?? start ?? this.to);
  }

  /**
   * Counts a flow record that is not part of its pair's sums, by the first thing that the record lacks: an endpoint, the
   * action, or the bytes of an accepted flow. A duplicate observation lacks nothing.
   */
  addUncounted(hasPair: boolean, action: string | null | undefined, hasBytes: boolean): void {
    if (!hasPair) this.noAddress += 1;
    else if (action === undefined || action === null) this.noAction += 1;
    else if (action === 'ACCEPT' && !hasBytes) this.noBytes += 1;
  }

  /** Counts a line outside the time range. @param time in epoch seconds; undefined if unknown */
  addOutside(time: number | undefined): void {
    this.outside += 1;
    if (time === undefined) return;
    if (time < this.outsideFrom) this.outsideFrom = time;
    if (time > this.outsideTo) this.outsideTo = time;
  }

  /** Counts the unreadable lines of a record. @param text text of the record, as the example */
  addUnreadable({ outcome }: ReadRecord, text: string): void {
    if (outcome.kind === 'failed') this.unreadable.add(outcome.reason, text);
    if (outcome.kind !== 'lines') return;
    for (const line of outcome.others ?? []) {
      if (line?.kind === 'unreadable') this.unreadable.add(line.reason, line.text);
    }
  }

  /** Returns all counts as plain data, for another thread. */
  columns() {
    const { flows, counted, leftOut, noData, skipData, from, to } = this;
    const { outside, outsideFrom, outsideTo, recordsBeyondLines } = this;
    const times = { from, to, outside, outsideFrom, outsideTo };
    const lines = { flows, counted, leftOut, ...this.uncounted, noData, skipData };
    return { ...lines, ...times, recordsBeyondLines, reasons: this.unreadable.reasons };
  }

  /** Returns all counts as plain data, and resets them. */
  takeColumns(): ReturnType<FlowCounts['columns']> {
    const taken = this.columns();
    Object.assign(this, new FlowCounts());
    return taken;
  }

  /** Number of lines. */
  get lines(): number {
    return this.flows + this.noData + this.skipData + this.unreadable.lines;
  }

  /** Number of records; a line outside any record counts as one. */
  get recordCount(): number {
    return this.lines + this.recordsBeyondLines;
  }

  /** Adds the counts of readable lines, each of which is a record. */
  addLines(lines: LineCounts): void {
    this.#addLines(lines);
    this.recordsBeyondLines += lines.outside;
  }

  /** Adds the counts of another thread. */
  add(other: ReturnType<FlowCounts['columns']>): void {
    this.#addLines(other);
    this.recordsBeyondLines += other.recordsBeyondLines;
    this.unreadable.addAll(other.reasons);
  }

  #addLines(lines: LineCounts): void {
    this.flows += lines.flows;
    this.counted += lines.counted;
    this.noAddress += lines.noAddress;
    this.noAction += lines.noAction;
    this.noBytes += lines.noBytes;
    this.leftOut += lines.leftOut;
    this.noData += lines.noData;
    this.skipData += lines.skipData;
    this.from = Math.min(this.from, lines.from);
    this.to = Math.max(this.to, lines.to);
    this.outside += lines.outside;
    this.outsideFrom = Math.min(this.outsideFrom, lines.outsideFrom);
    this.outsideTo = Math.max(this.outsideTo, lines.outsideTo);
  }

  /** Flow records that count 0, by the reason. */
  get uncounted(): UncountedFlows {
    const { noAddress, noAction, noBytes } = this;
    return { noAddress, noAction, noBytes };
  }

  get period(): Period | undefined {
    return this.from <= this.to ? { from: this.from, to: this.to } : undefined;
  }

  /** Returns the totals for output. @param sums sums of the counted flows */
  totals(sums: Pick<RecordTotals, 'bytes' | 'rejects'>): RecordTotals {
    const { flows, counted, leftOut, noData, skipData, unreadable } = this;
    return {
      ...{ flows, counted, leftOut, uncounted: this.uncounted, noData, skipData },
      ...sums,
      unreadable: unreadable.lines,
      reasons: unreadable.mostFrequent(),
    };
  }
}
