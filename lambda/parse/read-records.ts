import { type Decoded, decodeRecord } from '../decode/decode-record.ts';
import type { EnvelopeItem } from '../decode/envelopes/envelope.ts';
import type { EventRecord } from '../decode/firehose-event.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { DecodeBudget } from './decode-budget.ts';
import { type Line, parseLines } from './parse-line.ts';
import { SingleLineRecords } from './single-line-records.ts';

/** The result of reading one Firehose record: its lines; dropped, if it has no flows; or failed. */
export type RecordOutcome =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly reason: string };

/** One record and the result of reading it. */
export interface ReadRecord {
  readonly recordId: string;
  /** The original payload, in base64. */
  readonly data: unknown;
  readonly outcome: RecordOutcome;
}

/** Returns the flows of a record. */
export function flowsOf({ outcome }: ReadRecord): Flow[] {
  const flows: Flow[] = [];
  if (outcome.kind === 'lines') for (const line of outcome.lines) if (line.kind === 'flow') flows.push(line.flow);
  return flows;
}

/** Returns a record with only some of its lines; without lines there, its outcome is dropped. */
export function sliceRecord(record: ReadRecord, from: number, count: number): ReadRecord {
  if (record.outcome.kind !== 'lines') return record;
  const lines = record.outcome.lines.slice(from, from + count);
  return { ...record, outcome: lines.length > 0 ? { kind: 'lines', lines } : { kind: 'dropped' } };
}

/**
 * Decodes the records of a batch and parses their lines. Never throws. A record fails if none of its lines is valid, or
 * if the budget of the batch is too small for it.
 *
 * Records of a single line are read first, on the fast path. The others get equal shares of the budget, and a record
 * that exceeds its share waits for the next round, which doubles the share. Large records are therefore read last: a
 * decompression bomb exhausts only its own budget and cannot hide flows in other records.
 */
export function readRecords(records: readonly EventRecord[], formats: readonly Format[]): ReadRecord[] {
  const budget = new DecodeBudget();
  const outcomes = readSingleLines(records, formats, budget);
  let pending = [...records.keys()].filter((index) => !outcomes[index]);
  for (let share = 1 / records.length; pending.length > 0; share *= 2) {
    const tooLarge: number[] = [];
    for (const index of pending) {
      const outcome = readWithinShare(records[index]!, formats, budget, share);
      if (outcome) outcomes[index] = outcome;
      else tooLarge.push(index);
    }
    pending = tooLarge;
  }
  return records.map(({ recordId, data }, index) => ({ recordId, data, outcome: outcomes[index]! }));
}

/** Reads the records that the fast path knows; the others have no outcome. */
function readSingleLines(
  records: readonly EventRecord[],
  formats: readonly Format[],
  budget: DecodeBudget,
): (RecordOutcome | undefined)[] {
  const singleLines = new SingleLineRecords(records, formats, budget.expandableBytes);
  return records.map((_, index) => {
    const record = budget.hasLines ? singleLines.read(index) : undefined;
    if (!record) return undefined;
    budget.takeExpanded(record.payloadLength);
    budget.take(record.lineLength, 1);
    return { kind: 'lines', lines: [{ kind: 'flow', flow: record.flow }] };
  });
}

/** Reads any record; undefined if it exceeds its share and a larger share is possible. */
function readWithinShare(
  { data }: EventRecord,
  formats: readonly Format[],
  budget: DecodeBudget,
  share: number,
): RecordOutcome | undefined {
  const { decoded, bytes } = decodeRecord(data, budget.limitsOf(share));
  budget.takeExpanded(bytes);
  if (decoded.kind === 'unreadable' && decoded.exceedsBudget && share < 1) return undefined;
  if (decoded.kind === 'lines') budget.take(textLength(decoded.lines), decoded.lines.length);
  return outcomeOf(decoded, formats);
}

function textLength(lines: readonly EnvelopeItem[]): number {
  return lines.reduce((sum, line) => sum + ('text' in line ? line.text : line.unreadable).length, 0);
}

function outcomeOf(decoded: Decoded, formats: readonly Format[]): RecordOutcome {
  if (decoded.kind === 'control') return { kind: 'dropped' };
  if (decoded.kind === 'unreadable') return { kind: 'failed', reason: decoded.reason };
  const parsed = parseLines(
    decoded.lines.flatMap((line) => ('text' in line ? line.text : [])),
    formats,
  ).values();
  const lines = decoded.lines.map((line): Line => {
    if ('text' in line) return parsed.next().value!;
    return { kind: 'unreadable', text: line.unreadable, reason: line.reason };
  });
  if (lines.some((line) => line.kind === 'flow')) return { kind: 'lines', lines };
  const unreadable = lines.find((line) => line.kind === 'unreadable');
  return unreadable ? { kind: 'failed', reason: unreadable.reason } : { kind: 'dropped' };
}
