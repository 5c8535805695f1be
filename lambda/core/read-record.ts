import { decode } from './decode.ts';
import type { EventRecord } from './event.ts';
import type { Format } from './format.ts';
import { type Line, parseLine } from './parse.ts';
import type { ReadRecord, RecordOutcome } from './respond.ts';

/** Decodes a record and parses its lines. Never throws. A record without one line that can be read has failed. */
export function readRecord({ recordId, data }: EventRecord, formats: readonly Format[]): ReadRecord {
  return { recordId, data, outcome: outcomeOf(data, formats) };
}

function outcomeOf(data: unknown, formats: readonly Format[]): RecordOutcome {
  const decoded = decode(data);
  if (decoded.kind === 'control') return { kind: 'dropped' };
  if (decoded.kind === 'unreadable') return { kind: 'failed', reason: decoded.reason };
  const lines = decoded.lines.map((line): Line => {
    if ('text' in line) return parseLine(line.text, formats);
    return { kind: 'unreadable', text: line.unreadable, reason: line.reason };
  });
  if (lines.some((line) => line.kind === 'flow')) return { kind: 'lines', lines };
  const unreadable = lines.find((line) => line.kind === 'unreadable');
  return unreadable ? { kind: 'failed', reason: unreadable.reason } : { kind: 'dropped' };
}
