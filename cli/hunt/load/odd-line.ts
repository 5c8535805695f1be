import { notAvailable } from '../../../lambda/flow-log/fields.ts';
import { type Flow, secondsOf, timeOf } from '../../../lambda/flow-log/flow.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { linesOf, readRecords } from '../../../lambda/parse/read-records.ts';
import { headerOf, isBlank, maxLineBytes, mayBeHeader } from '../../flow-files/formats/text-reader.ts';
import { eventRecords } from '../../flow-files/record-batches.ts';
import { maxStoredText, type UnreadableLine } from './unreadable-table.ts';

/** A line that is not usual, read as a record: the text of its flows in usual lines, and what cannot be read. */
export interface OddLine {
  readonly usualText: string;
  readonly flows: number;
  readonly unreadable: readonly Omit<UnreadableLine, 'day'>[];
}

/** Ends the reading of a file as text: only its records tell what some line means. */
export class NotTextOnly extends Error {}

/**
 * Reads a line that is not usual, with the code that reads records.
 *
 * @param line the bytes with the line break
 * @param format the format of the file
 * @param formats all formats of the stream
 * @throws NotTextOnly for a second header with other fields, and a line that is too long for a record. Also for a flow of
 * another format, without a time, or with a value that CSV cannot have
 */
export function readOddLine(line: Buffer, format: Format, formats: readonly Format[]): OddLine {
  if (line.length > maxLineBytes) throw new NotTextOnly();
  if (isBlank(line) || repeatsHeader(line, format)) return { usualText: '', flows: 0, unreadable: [] };
  const { records } = readRecords(eventRecords([{ data: line, arrival: 0 }]), formats);
  const { outcome } = records[0]!;
  if (outcome.kind === 'dropped') return { usualText: '', flows: 0, unreadable: [] };
  if (outcome.kind === 'failed') {
    const text = line.toString('utf8', 0, maxStoredText).trimEnd();
    return { usualText: '', flows: 0, unreadable: [{ text, reason: outcome.reason }] };
  }
  const lines = linesOf(records[0]!);
  const flows = lines.flatMap((one) => (one.kind === 'flow' ? one.flow : []));
  return {
    usualText: flows.map((flow) => usualText(flow, format)).join(''),
    flows: flows.length,
    unreadable: lines.flatMap((one) => (one.kind === 'unreadable' ? one : [])),
  };
}

/** Returns whether a line is a header of the file's format. @throws NotTextOnly if it is a header with other fields */
function repeatsHeader(line: Buffer, format: Format): boolean {
  const header = mayBeHeader(line) ? headerOf(line.toString()) : undefined;
  if (!header) return false;
  if (header.unknownFields.length > 0 || header.format.names.join() !== format.names.join()) throw new NotTextOnly();
  return true;
}

function usualText(flow: Flow, format: Format): string {
  if (flow.format.names.join() !== format.names.join()) throw new NotTextOnly();
  const hasTimes = format.indexOf.has('start') || format.indexOf.has('end');
  if (hasTimes && timeOf(flow) === undefined) throw new NotTextOnly();
  const values = flow.values.map((value, index) => {
    const name = format.names[index]!;
    return (name === 'start' || name === 'end') && value !== notAvailable ? String(secondsOf(flow, name)) : value;
  });
  const text = values.join(' ');
  // A line break would end the row.
  if (/\p{Cc}/u.test(text)) throw new NotTextOnly();
  return `${text}\n`;
}
