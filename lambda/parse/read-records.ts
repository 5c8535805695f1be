import { type Decoded, decodeRecord } from '../decode/decode-record.ts';
import type { EnvelopeItem } from '../decode/envelopes/envelope.ts';
import type { EventRecord } from '../decode/firehose-event.ts';
import { decodePayloads, type Payloads, payloadAt } from '../decode/payloads.ts';
import type { Flow } from '../flow-log/flow.ts';
import { FlowRows } from '../flow-log/flow-rows.ts';
import type { Format } from '../flow-log/format.ts';
import { DecodeBudget } from './decode-budget.ts';
import { type Line, type OtherLine, parseLines } from './parse-line.ts';
import { SingleLineRecords } from './single-line-records.ts';

/** The records of a batch and the rows of their flows, both in the order of the batch. */
export interface ReadBatch {
  readonly records: readonly ReadRecord[];
  readonly rows: FlowRows;
}

/** One record and the result of reading it. */
export interface ReadRecord {
  readonly recordId: string;
  /** The original payload, in base64. */
  readonly data: unknown;
  readonly outcome: RecordOutcome;
  /** The rows of the record's flows, from one to before another. */
  readonly rows: FlowRows;
  readonly fromRow: number;
  readonly toRow: number;
}

/** The result of reading one Firehose record: its lines; dropped, if it has no flows; or failed. */
export type RecordOutcome =
  /** For each line undefined if it is a flow, or else the line. Without a list, all lines are flows. */
  | { readonly kind: 'lines'; readonly others?: readonly (OtherLine | undefined)[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly reason: string };

const onlyFlows: RecordOutcome = { kind: 'lines' };
const dropped: RecordOutcome = { kind: 'dropped' };

/** Returns the lines of a record; empty if it is dropped or failed. */
export function linesOf({ outcome, rows, fromRow, toRow }: ReadRecord): Line[] {
  if (outcome.kind !== 'lines') return [];
  let row = fromRow;
  const others = outcome.others ?? Array.from<undefined>({ length: toRow - fromRow });
  return others.map((other): Line => {
    if (other) return other;
    row += 1;
    return { kind: 'flow', flow: rows.flow(row - 1) };
  });
}

/** Returns the flows of a record. */
export function flowsOf({ rows, fromRow, toRow }: ReadRecord): Flow[] {
  return Array.from({ length: toRow - fromRow }, (_, index) => rows.flow(fromRow + index));
}

/** Returns a record with only some of its lines; without lines there, its outcome is dropped. */
export function sliceRecord(record: ReadRecord, from: number, count: number): ReadRecord {
  const { outcome, fromRow, toRow } = record;
  if (outcome.kind !== 'lines') return record;
  const others = outcome.others ?? Array.from<undefined>({ length: toRow - fromRow });
  const lines = others.slice(from, from + count);
  const first = fromRow + numberOfFlows(others.slice(0, from));
  return {
    ...record,
    outcome: lines.length > 0 ? { kind: 'lines', others: lines } : dropped,
    fromRow: first,
    toRow: first + numberOfFlows(lines),
  };
}

function numberOfFlows(lines: readonly (OtherLine | undefined)[]): number {
  return lines.reduce((count, line) => (line ? count : count + 1), 0);
}

/**
 * Decodes the records of a batch and parses their lines. Never throws. A record fails if none of its lines is valid, or
 * if the budget of the batch is too small for it.
 *
 * Records of a single line are read first, on the fast path. The others get equal shares of the budget, and a record
 * that exceeds its share waits for the next round, which doubles the share. Large records are therefore read last: a
 * decompression bomb exhausts only its own budget and cannot hide flows in other records.
 */
export function readRecords(records: readonly EventRecord[], formats: readonly Format[]): ReadBatch {
  const budget = new DecodeBudget();
  const payloads = decodePayloads(records);
  const singleLines = new FlowRows(records.length);
  const isSingleLine = readSingleLines(records, payloads, formats, budget, singleLines);
  const others = new Map<number, { readonly outcome: RecordOutcome; readonly rows: FlowRows }>();
  let pending = [...records.keys()].filter((index) => !isSingleLine[index]);
  for (let share = 1 / records.length; pending.length > 0; share *= 2) {
    const tooLarge: number[] = [];
    for (const index of pending) {
      const rows = new FlowRows();
      const outcome = readWithinShare(payloadAt(payloads, index), formats, budget, share, rows);
      if (outcome) others.set(index, { outcome, rows });
      else tooLarge.push(index);
    }
    pending = tooLarge;
  }
  return inOrder(records, singleLines, others);
}

/** Brings the rows of single lines and of other records into the order of the records. */
function inOrder(
  records: readonly EventRecord[],
  singleLines: FlowRows,
  others: ReadonlyMap<number, { readonly outcome: RecordOutcome; readonly rows: FlowRows }>,
): ReadBatch {
  if (others.size === 0) {
    const read = records.map(({ recordId, data }, row): ReadRecord => {
      return { recordId, data, outcome: onlyFlows, rows: singleLines, fromRow: row, toRow: row + 1 };
    });
    return { records: read, rows: singleLines };
  }
  const rows = new FlowRows(singleLines.length + others.values().reduce((sum, other) => sum + other.rows.length, 0));
  let single = 0;
  const read = records.map(({ recordId, data, arrival }, index): ReadRecord => {
    const other = others.get(index);
    const fromRow = rows.length;
    if (other) rows.pushAll(other.rows, 0, other.rows.length, arrival);
    else {
      rows.pushAll(singleLines, single, single + 1, arrival);
      single += 1;
    }
    return { recordId, data, outcome: other?.outcome ?? onlyFlows, rows, fromRow, toRow: rows.length };
  });
  return { records: read, rows };
}

/**
 * Reads the records that the fast path knows.
 *
 * @param rows receives their flows
 * @returns for each record, whether it was read
 */
function readSingleLines(
  records: readonly EventRecord[],
  payloads: Payloads,
  formats: readonly Format[],
  budget: DecodeBudget,
  rows: FlowRows,
): boolean[] {
  const singleLines = new SingleLineRecords(payloads, formats, budget.expandableBytes);
  return records.map(({ arrival }, index) => {
    const record = budget.hasLines ? singleLines.read(index, rows, arrival) : undefined;
    if (!record) return false;
    budget.takeExpanded(record.payloadLength);
    budget.take(record.lineLength, 1);
    return true;
  });
}

/**
 * Reads any record.
 *
 * @param payload undefined if it is not valid base64
 * @param rows receives its flows
 * @returns undefined if the record exceeds its share and a larger share is possible
 */
function readWithinShare(
  payload: Buffer | undefined,
  formats: readonly Format[],
  budget: DecodeBudget,
  share: number,
  rows: FlowRows,
): RecordOutcome | undefined {
  const { decoded, bytes } = decodeRecord(payload, budget.limitsOf(share));
  budget.takeExpanded(bytes);
  if (decoded.kind === 'unreadable' && decoded.exceedsBudget && share < 1) return undefined;
  if (decoded.kind === 'lines') budget.take(textLength(decoded.lines), decoded.lines.length);
  return outcomeOf(decoded, formats, rows);
}

function textLength(lines: readonly EnvelopeItem[]): number {
  return lines.reduce((sum, line) => sum + ('text' in line ? line.text : line.unreadable).length, 0);
}

function outcomeOf(decoded: Decoded, formats: readonly Format[], rows: FlowRows): RecordOutcome {
  if (decoded.kind === 'control') return dropped;
  if (decoded.kind === 'unreadable') return { kind: 'failed', reason: decoded.reason };
  const parsed = parseLines(
    decoded.lines.flatMap((line) => ('text' in line ? line.text : [])),
    formats,
    rows,
  );
  if (rows.length === decoded.lines.length) return onlyFlows;
  let next = 0;
  const others = decoded.lines.map((line): OtherLine | undefined => {
    if ('unreadable' in line) return { kind: 'unreadable', text: line.unreadable, reason: line.reason };
    next += 1;
    return parsed[next - 1];
  });
  if (rows.length > 0) return { kind: 'lines', others };
  const unreadable = others.find((line) => line?.kind === 'unreadable');
  return unreadable?.kind === 'unreadable' ? { kind: 'failed', reason: unreadable.reason } : dropped;
}
