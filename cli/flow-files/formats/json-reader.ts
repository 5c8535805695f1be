import { entryMaker, maxObjectBytes } from './json-entries.ts';
import { JsonScanner } from './json-scanner.ts';
import type { Entry, Read, Reading } from './reader.ts';
import { linesOf } from './split-lines.ts';
import { isBlank } from './text-reader.ts';

/**
 * Returns a reader of JSON objects: decoded lines, error records, events, batches and messages, also mixed.
 *
 * @param areLines whether each line has one or more complete objects; a corrupt object then ends with its line
 */
export function jsonReader(areLines: boolean): Read {
  const entriesOf = areLines ? entriesOfLines : entriesOfDocument;
  return ({ chunks }, reading) => entriesOf(chunks(), reading);
}

async function* entriesOfLines(chunks: AsyncIterable<Buffer>, reading: Reading): AsyncGenerator<Entry[]> {
  const maker = entryMaker(reading);
  for await (const lines of linesOf(chunks, maxObjectBytes, reading.problem)) {
    yield lines.filter((line) => !isBlank(line)).flatMap((line) => maker.ofLine(line));
  }
}

async function* entriesOfDocument(chunks: AsyncIterable<Buffer>, reading: Reading): AsyncGenerator<Entry[]> {
  const maker = entryMaker(reading);
  const scanner = new JsonScanner(maxObjectBytes);
  for await (const chunk of chunks) yield scanner.scan(chunk).flatMap(maker.of);
  yield scanner.rest().flatMap(maker.of);
  if (scanner.isWithin) throw new Error('the file is cut off within a JSON object');
}
