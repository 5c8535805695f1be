import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { printable, truncate } from '../../../lambda/common/text.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { csvCells } from './csv-cells.ts';
import { decodedWriter } from './lake-row-to-line.ts';
import { arrivalOf } from './line-time.ts';
import type { Entry, FileContent, Read } from './reader.ts';
import { linesOf } from './split-lines.ts';
import { isBlank, maxLineBytes } from './text-reader.ts';

/** Flow log fields by their letters: Athena has `account_id`, CloudWatch Logs Insights `accountId`. */
const fieldOfLetters = new Map([...fields.keys()].map((name) => [lettersOf(name), name]));

function lettersOf(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

/**
 * Detects CSV with a header, as Athena and CloudWatch Logs Insights export it; undefined for any other line. At least two
 * columns, and half of them, must be fields. A column with an unknown name is left out.
 */
export function detectCsv(firstLine: string): FileContent | undefined {
  const header = csvCells(firstLine);
  if (header === undefined || header.length < 2) return undefined;
  const columns = header.map((name) => fieldOfLetters.get(lettersOf(name.trim())));
  const known = columns.filter((name) => name !== undefined);
  if (known.length < Math.max(2, header.length / 2) || new Set(known).size < known.length) return undefined;
  const unknown = header.filter((_, index) => columns[index] === undefined);
  const names = truncate(printable(unknown.join(', ')), 200);
  return {
    kind: 'CSV',
    fieldSets: [new Set(known)],
    hasRecords: false,
    hasPlainLines: false,
    problem: unknown.length > 0 ? `columns that are not flow log fields were left out: ${names}` : undefined,
    read: csvReader(columns),
  };
}

/** @param columns the field of each column; undefined for a column that is left out */
function csvReader(columns: readonly (string | undefined)[]): Read {
  return async function* read({ chunks }, reading) {
    const write = decodedWriter(reading);
    let isHeader = true;
    for await (const lines of linesOf(chunks(), maxLineBytes, reading.problem)) {
      const entries: Entry[] = [];
      for (const line of lines) {
        if (isBlank(line)) continue;
        if (!isHeader) entries.push(entryOf(line, columns, write));
        isHeader = false;
      }
      yield entries;
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
  const seconds = epochSeconds(Number(flow['end'] ?? flow['start'] ?? Number.NaN));
  return { data: written === undefined ? line : Buffer.from(`${written}\n`), arrival: arrivalOf(seconds) };
}
