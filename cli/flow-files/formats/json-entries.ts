import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';
import { decodeRecord } from '../../../lambda/decode/decode-record.ts';
import { readErrorObject } from './firehose-error-object.ts';
import { decodedLineBytes, objectKind, queryRow } from './json-object.ts';
import { JsonScanner, type Scanned } from './json-scanner.ts';
import { decodedWriter, jsonWithDigits } from './lake-row-to-line.ts';
import { arrivalOf, insightsSeconds, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, Reading } from './reader.ts';
import { mebibyte } from './split-lines.ts';

/**
 * Upper bound of a JSON object, in bytes: the limit of an expanded batch (lambda/parse/read-records.ts). An event has at
 * most 6 MB.
 */
export const maxObjectBytes = 16 * mebibyte;

/** Upper bound of lines, which such an object cannot reach. */
const maxLines = 1_000_000;

/** Upper bound of an arrival, the year 5138, as in lambda/decode/firehose-event.ts; later ones are invalid. */
const maxMilliseconds = 1e14;

type Values = Readonly<Record<string, unknown>>;

/** Makes entries from the objects of a JSON file. Unknown objects stay unchanged, and are counted as unreadable. */
export interface EntryMaker {
  /** Returns the entries of a line with one or more objects. */
  ofLine(line: Buffer): Entry[];
  /** Returns the entries of a scanned piece. */
  of(scanned: Scanned): Entry[];
}

export function entryMaker(reading: Reading): EntryMaker {
  const { plain, common, formats, problem } = reading;
  const timeOf = lineTime(plain);
  const rewrite = lineRewriter(plain, common, formats);
  const write = decodedWriter(reading);

  const ofLine = (line: Buffer): Entry[] => {
    const value = jsonWithDigits(line);
    if (value !== undefined && !Array.isArray(value)) return ofObject(value, line);
    const scanner = new JsonScanner(maxObjectBytes);
    const scanned = [...scanner.scan(line), ...scanner.rest()];
    const isValid = !scanner.isWithin && scanned.every(({ kind }) => kind !== 'other');
    return isValid ? scanned.flatMap(of) : [unchanged(line)];
  };

  const of = (scanned: Scanned): Entry[] => {
    if (scanned.kind === 'too long') {
      problem(`a JSON object of more than ${maxObjectBytes / mebibyte} MiB was left out`);
      return [];
    }
    const value = scanned.kind === 'other' ? undefined : jsonWithDigits(scanned.bytes);
    return scanned.kind === 'element'
      ? ofElement(scanned.list, value, () => scanned.bytes)
      : ofObject(value, scanned.bytes);
  };

  const ofObject = (value: unknown, bytes: Buffer): Entry[] => {
    if (!isObject(value)) return [unchanged(bytes)];
    switch (objectKind(new Set(Object.keys(value)))) {
      case 'event':
        return ofList('records', value.records, bytes);
      case 'log events':
        return ofList('events', value.events, bytes);
      case 'query results':
        return ofList('results', value.results, bytes);
      case 'query row':
        return typeof value['@message'] === 'string'
          ? ofLogEvent(value['@message'], insightsSeconds(value['@timestamp']))
          : [unchanged(bytes)];
      case 'error record':
        return ofErrorRecord(value);
      case 'decoded line':
        return [ofDecoded(value, bytes)];
      case 'batch':
        return [unchanged(bytes, latest(listOf(value.logEvents).map(eventSeconds)))];
      case 'message':
        return [unchanged(bytes, eventSeconds(value))];
      case 'unknown':
        return [unchanged(bytes)];
    }
  };

  const ofList = (name: string, list: unknown, bytes: Buffer): Entry[] => {
    if (!Array.isArray(list)) return [unchanged(bytes)];
    return list.flatMap((element) => ofElement(name, element, () => jsonBytes(element)));
  };

  const ofElement = (list: string, value: unknown, bytes: () => Buffer): Entry[] => {
    if (list === 'results') return ofObject(queryRow(value), bytes());
    if (!isObject(value)) return [unchanged(bytes())];
    if (list === 'events') {
      return typeof value.message === 'string'
        ? ofLogEvent(value.message, secondsOfMilliseconds(value.timestamp))
        : [unchanged(bytes())];
    }
    const { data, approximateArrivalTimestamp } = value;
    return [typeof data === 'string' ? ofRecord(data, Number(approximateArrivalTimestamp)) : unchanged(bytes())];
  };

  /** @param seconds the time of the event in epoch seconds, if it is known */
  const ofLogEvent = (message: string, seconds: number | undefined): Entry[] =>
    message
      .split('\n')
      .filter((text) => text.trim() !== '')
      .map((text) => {
        const line = Buffer.from(`${text}\n`);
        return { data: rewrite(line), arrival: arrivalOf(timeOf(line) ?? seconds) };
      });

  const ofErrorRecord = (value: Values): Entry[] => {
    const decoded = decodedLineBytes(value);
    if (decoded) return ofLine(decoded);
    const { answered, batches, unknown } = readErrorObject(jsonBytes(value).toString());
    const records = [...answered, ...batches.flatMap((batch) => batch.records)];
    return [
      ...records.map(({ data, arrival }) => ofRecord(data, arrival)),
      ...unknown.map((line) => unchanged(Buffer.from(line))),
    ];
  };

  const ofDecoded = (flow: Values, bytes: Buffer): Entry => {
    const { unreadable_line: text } = flow;
    if (typeof text === 'string') return unchanged(Buffer.from(text.replace(/[\r\n]+/g, ' ')));
    const line = write(flow);
    const seconds = secondsOf(flow.end ?? flow.endTime) ?? secondsOf(flow.start ?? flow.startTime);
    return unchanged(line === undefined ? bytes : Buffer.from(line), seconds);
  };

  /** @param arrival epoch milliseconds; if missing or invalid, it is derived from the latest line of the record */
  const ofRecord = (base64: string, arrival: number): Entry => {
    const data = Buffer.from(base64, 'base64');
    if (arrival > 0 && arrival < maxMilliseconds) return { data, arrival: Math.floor(arrival) };
    const { decoded } = decodeRecord(data, { maxBytes: maxObjectBytes, maxLines });
    const lines = decoded.kind === 'lines' ? decoded.lines : [];
    const times = lines.map((line) => ('text' in line ? textSeconds(line.text) : undefined));
    return { data, arrival: arrivalOf(latest(times)) };
  };

  const eventSeconds = (event: unknown): number | undefined => {
    if (!isObject(event)) return undefined;
    const { message, timestamp } = event;
    const lines = typeof message === 'string' ? message.split('\n') : [];
    return latest(lines.map(textSeconds)) ?? secondsOfMilliseconds(timestamp);
  };

  const textSeconds = (text: string) => timeOf(Buffer.from(text));

  return { ofLine, of };
}

/** Returns an entry with the unchanged bytes; adds a line break if it is missing. */
function unchanged(bytes: Buffer, seconds?: number): Entry {
  const data = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.of(0x0a)]);
  return { data, arrival: arrivalOf(seconds) };
}

/** Serializes a parsed value; a value that is nested too deeply becomes a short object that says so. */
function jsonBytes(value: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(value, writeQuantities));
  } catch {
    return Buffer.from('{"nested":"too deeply"}');
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce(
    (max, time) => (time === undefined || (max !== undefined && max >= time) ? max : time),
    undefined,
  );
}

/** Returns a time field of a decoded line in epoch seconds; undefined if it is invalid. */
function secondsOf(value: unknown): number | undefined {
  // CloudWatch Logs Insights writes numbers as text.
  const number = typeof value === 'string' && /^\d{1,13}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number >= 1e13) return undefined;
  return epochSeconds(number);
}

function secondsOfMilliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < maxMilliseconds ? Math.floor(value / 1000) : undefined;
}
