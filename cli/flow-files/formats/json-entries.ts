import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';
import { decodeRecord } from '../../../lambda/decode/decode-record.ts';
import { readErrorObject } from './firehose-error-object.ts';
import { answeredBytes, objectKind } from './json-object.ts';
import { JsonScanner, type Scanned } from './json-scanner.ts';
import { decodedWriter, jsonWithDigits } from './lake-row-to-line.ts';
import { arrivalOf, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, Reading } from './reader.ts';
import { mebibyte } from './split-lines.ts';

/**
 * The longest JSON object that is read, in bytes: as much as the records of a batch may expand to
 * (lambda/parse/read-records.ts). An event has at most 6 MB.
 */
export const maxObjectBytes = 16 * mebibyte;

/** More lines than such an object can hold. */
const maxLines = 1_000_000;

/** As in lambda/decode/firehose-event.ts: an arrival beyond the year 5138 is none. */
const maxMilliseconds = 1e14;

type Values = Readonly<Record<string, unknown>>;

/** Makes entries of what stands in a file of JSON. What is none of ours is handed on as it is, to be counted as unreadable. */
export interface EntryMaker {
  /** Of a line that is an object or several. */
  ofLine(line: Buffer): Entry[];
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
    const isSound = !scanner.isWithin && scanned.every(({ kind }) => kind !== 'other');
    return isSound ? scanned.flatMap(of) : [asIs(line)];
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
    if (!isObject(value)) return [asIs(bytes)];
    switch (objectKind(new Set(Object.keys(value)))) {
      case 'event':
        return ofList('records', value.records, bytes);
      case 'log events':
        return ofList('events', value.events, bytes);
      case 'error record':
        return ofErrorRecord(value);
      case 'decoded line':
        return [ofDecoded(value, bytes)];
      case 'batch':
        return [asIs(bytes, latest(listOf(value.logEvents).map(eventSeconds)))];
      case 'message':
        return [asIs(bytes, eventSeconds(value))];
      case 'unknown':
        return [asIs(bytes)];
    }
  };

  const ofList = (name: string, list: unknown, bytes: Buffer): Entry[] => {
    if (!Array.isArray(list)) return [asIs(bytes)];
    return list.flatMap((element) => ofElement(name, element, () => jsonBytes(element)));
  };

  const ofElement = (list: string, value: unknown, bytes: () => Buffer): Entry[] => {
    if (!isObject(value)) return [asIs(bytes())];
    if (list === 'events')
      return typeof value.message === 'string' ? ofLogEvent(value.message, value) : [asIs(bytes())];
    const { data, approximateArrivalTimestamp } = value;
    return [typeof data === 'string' ? ofRecord(data, Number(approximateArrivalTimestamp)) : asIs(bytes())];
  };

  const ofLogEvent = (message: string, { timestamp }: Values): Entry[] =>
    message
      .split('\n')
      .filter((text) => text.trim() !== '')
      .map((text) => {
        const line = Buffer.from(`${text}\n`);
        return { data: rewrite(line), arrival: arrivalOf(timeOf(line) ?? secondsOfMilliseconds(timestamp)) };
      });

  const ofErrorRecord = (value: Values): Entry[] => {
    const answered = answeredBytes(value);
    if (answered) return ofLine(answered);
    const { answered: single, batches, unknown } = readErrorObject(jsonBytes(value).toString());
    const records = [...single, ...batches.flatMap((batch) => batch.records)];
    return [
      ...records.map(({ data, arrival }) => ofRecord(data, arrival)),
      ...unknown.map((line) => asIs(Buffer.from(line))),
    ];
  };

  const ofDecoded = (flow: Values, bytes: Buffer): Entry => {
    const { unreadable_line: text } = flow;
    if (typeof text === 'string') return asIs(Buffer.from(text.replace(/[\r\n]+/g, ' ')));
    const line = write(flow);
    const seconds = secondsOf(flow.end) ?? secondsOf(flow.start);
    return asIs(line === undefined ? bytes : Buffer.from(line), seconds);
  };

  /** @param arrival is none where the record does not say it; it is then taken to have come after its latest line */
  const ofRecord = (base64: string, arrival: number): Entry => {
    const data = Buffer.from(base64, 'base64');
    if (arrival > 0 && arrival < maxMilliseconds) return { data, arrival: Math.floor(arrival) };
    const { decoded } = decodeRecord(data.toString('base64'), { maxBytes: maxObjectBytes, maxLines: maxLines });
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

/** What is handed on as it is, with a line break where it has none. */
function asIs(bytes: Buffer, seconds?: number): Entry {
  const data = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.of(0x0a)]);
  return { data, arrival: arrivalOf(seconds) };
}

/** JSON again of what was JSON; what is nested too deeply is only said to be. */
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
    (most, time) => (time === undefined || (most !== undefined && most >= time) ? most : time),
    undefined,
  );
}

/** A time field of a decoded line, in epoch seconds. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 1e13) return undefined;
  return epochSeconds(value);
}

function secondsOfMilliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < maxMilliseconds ? Math.floor(value / 1000) : undefined;
}
