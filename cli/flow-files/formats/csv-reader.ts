import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { fieldOfName } from '../../../lambda/flow-log/field-names.ts';
import { csvCells } from './csv-cells.ts';
import { decodedWriter } from './lake-row-to-line.ts';
import { arrivalOf, insightsSeconds, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, FileContent, Read } from './reader.ts';
import { linesOf } from './split-lines.ts';
import { isBlank, maxLineBytes } from './text-reader.ts';

/**
 * Detects CSV with a header, as Athena and CloudWatch Logs Insights export it; undefined for any other line. At least two
 * columns, and half of them, must be fields. Other columns are passed over; those of Insights itself begin with `@`.
 */
export function detectCsv(firstLine: string): FileContent | undefined {
  const header = csvCells(firstLine);
  if (header?.includes('@message')) return exportedEvents(header);
  if (header === undefined || header.length < 2) return undefined;
  const columns = header.map(fieldOfName);
  const known = columns.filter((name) => name !== undefined);
  const unknownFields = header.filter((name, index) => columns[index] === undefined && !name.startsWith('@'));
  if (known.length < Math.max(2, unknownFields.length) || new Set(known).size < known.length) return undefined;
  return {
    kind: 'CSV',
    fieldSets: [new Set(known)],
    hasRecords: false,
    hasPlainLines: false,
    unknownFields,
    read: csvReader(columns),
  };
}

/** Returns the content of an export of CloudWatch Logs Insights with complete log events: flow log lines. */
function exportedEvents(header: readonly string[]): FileContent {
  const [messageAt, timestampAt] = [header.indexOf('@message'), header.indexOf('@timestamp')];
  return {
    kind: 'CloudWatch export',
    fieldSets: [],
    hasRecords: false,
    hasPlainLines: true,
    read: async function* read({ chunks }, { plain, common, formats, problem }) {
      const timeOf = lineTime(plain);
      const rewrite = lineRewriter(plain, common, formats);
      for await (const rows of rowsOf(chunks(), problem)) {
        yield rows.map((row): Entry => {
          const cells = csvCells(row.toString());
          if (cells?.length !== header.length) return { data: row, arrival: undefined };
          const line = Buffer.from(`${cells[messageAt]!.trim()}\n`);
          return { data: rewrite(line), arrival: arrivalOf(timeOf(line) ?? insightsSeconds(cells[timestampAt])) };
        });
      }
    },
  };
}

/** Yields the rows after the header, without blank lines. */
async function* rowsOf(chunks: AsyncIterable<Buffer>, problem: (text: string) => void): AsyncGenerator<Buffer[]> {
  let isHeader = true;
  for await (const lines of linesOf(chunks, maxLineBytes, problem)) {
    const rows = lines.filter((line) => !isBlank(line));
    if (rows.length === 0) continue;
    yield isHeader ? rows.slice(1) : rows;
    isHeader = false;
  }
}

/** @param columns the field of each column; undefined for a column that is left out */
function csvReader(columns: readonly (string | undefined)[]): Read {
  return async function* read({ chunks }, reading) {
    const write = decodedWriter(reading);
    for await (const rows of rowsOf(chunks(), reading.problem)) {
      yield rows.map((row) => entryOf(row, columns, write));
    }
  };
}

/** Returns the record of a row. A row with another number of columns stays unchanged, and is later found unreadable. */
function entryOf(
  line: Buffer,
  columns: readonly (string | undefined)[],
  write: ReturnType<typeof decodedWriter>,
): Entry {
  const cells = csvCells(line.toString());
  if (cells?.length !== columns.length) return { data: line, arrival: undefined };
  const flow = Object.fromEntries(
    columns.flatMap((name, index) => (name === undefined ? [] : [[name, cells[index]! === '' ? null : cells[index]!]])),
  );
  const written = write(flow);
  const seconds = epochSeconds(Number(flow.end ?? flow.start ?? Number.NaN));
  return { data: written === undefined ? line : Buffer.from(`${written}\n`), arrival: arrivalOf(seconds) };
}
