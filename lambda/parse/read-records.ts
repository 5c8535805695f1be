import { type Decoded, type DecodeLimits, decodeRecord } from '../decode/decode-record.ts';
import type { EnvelopeItem } from '../decode/envelopes/envelope.ts';
import type { EventRecord } from '../decode/firehose-event.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { type Line, parseLines } from './parse-line.ts';
import { SingleLineRecords } from './single-line-records.ts';

/** What became of one Firehose record. */
export type RecordOutcome =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly reason: string };

/** One record as it came, and what became of it. */
export interface ReadRecord {
  readonly recordId: string;
  /** The payload in base64, as it came. */
  readonly data: unknown;
  readonly outcome: RecordOutcome;
}

/** The flows that a record holds. */
export function flowsOf({ outcome }: ReadRecord): Flow[] {
  const flows: Flow[] = [];
  if (outcome.kind === 'lines') for (const line of outcome.lines) if (line.kind === 'flow') flows.push(line.flow);
  return flows;
}

/** A record with some of its lines only; one that has none there counts as dropped. */
export function sliceRecord(record: ReadRecord, from: number, count: number): ReadRecord {
  if (record.outcome.kind !== 'lines') return record;
  const lines = record.outcome.lines.slice(from, from + count);
  return { ...record, outcome: lines.length > 0 ? { kind: 'lines', lines } : { kind: 'dropped' } };
}

/**
 * What the records of a batch may come to, together. Firehose takes records of up to 1,000 KiB, and flow log text shrinks
 * by gzip to about a seventh; what is read of it takes some thirty times the memory of its text. A line of the default
 * format has some hundred bytes.
 */
const batchBudget: DecodeLimits = { maxBytes: 16 * 1024 * 1024, maxLines: 200_000 };

/** The most bytes that are expanded for a batch, whether or not anything in them can be read. */
const maxExpandedBytes = 4 * batchBudget.maxBytes;

/**
 * Decodes the records of a batch and parses their lines. Never throws. A record without one line that can be read has
 * failed, and so has one that there is no room for.
 *
 * Each record has the same share of the room at first, and those for which it is too small have twice as much in each
 * further round. So the largest records are read last, in whatever order they came: a bomb leaves itself no room, and not
 * the flows beside it, which somebody may want to hide.
 */
export function readRecords(records: readonly EventRecord[], formats: readonly Format[]): ReadRecord[] {
  let { maxBytes: bytes, maxLines: lines } = batchBudget;
  let unexpanded = maxExpandedBytes;
  const usualRecords = new SingleLineRecords(records, formats, unexpanded);
  const outcomes = new Array<RecordOutcome>(records.length);
  let waiting = Array.from(records.keys());
  for (let share = 1 / records.length; waiting.length > 0; share *= 2) {
    waiting = waiting.filter((index) => {
      const { data } = records[index]!;
      const usual = lines > 0 ? usualRecords.read(index) : undefined;
      if (usual) {
        unexpanded -= usual.payloadLength;
        bytes -= usual.lineLength;
        lines -= 1;
        outcomes[index] = { kind: 'lines', lines: [{ kind: 'flow', flow: usual.flow }] };
        return false;
      }
      const result = decodeRecord(data, {
        maxBytes: Math.max(1, Math.min(bytes, unexpanded, Math.ceil(share * batchBudget.maxBytes))),
        maxLines: Math.min(lines, Math.ceil(share * batchBudget.maxLines)),
      });
      unexpanded -= result.bytes;
      if (result.decoded.kind === 'unreadable' && result.decoded.exceedsBudget && share < 1) return true;
      if (result.decoded.kind === 'lines') {
        bytes -= textLength(result.decoded.lines);
        lines = Math.max(0, lines - result.decoded.lines.length);
      }
      outcomes[index] = outcomeOf(result.decoded, formats);
      return false;
    });
  }
  return records.map(({ recordId, data }, index) => ({ recordId, data, outcome: outcomes[index]! }));
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
