import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Format } from '../../../lambda/flow-log/format.ts';
import type { LineFile } from '../../flow-files/flow-files.ts';
import type { OutsideFlows, TimeRange } from '../../flow-files/time-range.ts';
import { arrivalDay } from './arrival-day.ts';
import { checkedLines } from './checked-lines.ts';
import { CsvPart, PartFailure } from './csv-part.ts';
import { readsInPlace } from './in-place.ts';
import { insertCsv } from './insert-csv.ts';
import { lineArrivals } from './line-arrivals.ts';
import type { CreateLineChecker, LineChecker } from './line-checker.ts';
import { NotTextOnly, readOddLine } from './odd-line.ts';
import type { UnreadableLine } from './unreadable-table.ts';

/** A temporary file of lines is loaded when it is longer, in bytes. */
const partBytes = 128 * 1024 * 1024;

/** Upper bound of the unreadable lines of a file, which are in memory until its flows are loaded. */
const maxUnreadable = 50_000;

/** The work of loading files of lines as text. */
export interface TextLoad {
  readonly formats: readonly Format[];
  readonly createChecker: CreateLineChecker;
  /** A folder for temporary files. */
  readonly folder: string;
  readonly range?: TimeRange | undefined;
  readonly addUnreadable: (line: UnreadableLine) => void;
  /** Receives the flows outside the range. */
  readonly addOutside: (flows: OutsideFlows) => void;
  /** Receives the stored bytes that were read so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads files of flow log lines with DuckDB's reader of CSV. A checker finds the usual lines of a file, whose values are
 * the columns of the row. A large file with usual lines only is read where it is. The lines of other files are copied to
 * a temporary file, with the flows of their other lines in canonical text.
 *
 * A file is loaded completely or not at all.
 *
 * @returns the files that were loaded; the others must be read as records
 * @throws Error if a temporary file cannot be written
 */
export async function loadTexts(
  connection: DuckDBConnection,
  files: readonly LineFile[],
  load: TextLoad,
): Promise<ReadonlySet<LineFile>> {
  const loader = new TextLoader(connection, load);
  const interrupt = () => connection.interrupt();
  load.signal?.addEventListener('abort', interrupt);
  try {
    for (const file of files) {
      if (load.signal?.aborted) break;
      await loader.add(file);
    }
    await loader.insertPart();
  } finally {
    load.signal?.removeEventListener('abort', interrupt);
    loader.removePart();
  }
  return loader.loaded;
}

/** An unreadable line, and its offset in the text of the file. */
interface FoundUnreadable {
  readonly offset: number;
  readonly line: Omit<UnreadableLine, 'day'>;
}

class TextLoader {
  readonly loaded = new Set<LineFile>();
  readonly #connection: DuckDBConnection;
  readonly #load: TextLoad;
  /** By the names of a format. */
  readonly #checkers = new Map<string, LineChecker>();
  #part: CsvPart | undefined;
  /** The files whose lines are in the part, with the lines of each that could not be read. */
  #copied = new Map<LineFile, readonly UnreadableLine[]>();
  #doneBytes = 0;

  constructor(connection: DuckDBConnection, load: TextLoad) {
    this.#connection = connection;
    this.#load = load;
  }

  async add(file: LineFile): Promise<void> {
    try {
      if (!(await this.#addInPlace(file)) && !this.#load.signal?.aborted) await this.#copy(file);
    } finally {
      this.#doneBytes += file.bytes;
    }
  }

  async #addInPlace(file: LineFile): Promise<boolean> {
    const { range, signal } = this.#load;
    const checker = this.#checkerOf(file.format);
    const source = await readsInPlace(file, checker, this.#progressOf(file), signal).catch(() => undefined);
    if (!source || signal?.aborted) return false;
    const outside = await insertCsv(this.#connection, { ...source, arrivalDay: arrivalDay(file.delivered), range });
    if (!outside) return false;
    this.#load.addOutside(outside);
    this.loaded.add(file);
    return true;
  }

  /** Copies the lines of a file to the part; none if its records must be read. */
  async #copy(file: LineFile): Promise<void> {
    if (!this.#mayShareWith(file)) await this.insertPart();
    this.#part ??= new CsvPart(join(this.#load.folder, 'lines.csv'));
    const before = { bytes: this.#part.bytes, flows: this.#part.flows };
    try {
      const unreadable = await this.#copyLines(file, this.#part);
      this.#copied.set(file, await withDays(file, unreadable));
    } catch (error) {
      this.#part.cut(before);
      // The records of a file that cannot be read completely are those before the error, which they name.
      if (error instanceof PartFailure) throw error;
      return;
    }
    if (this.#part.bytes > partBytes) await this.insertPart();
  }

  async #copyLines(file: LineFile, part: CsvPart): Promise<FoundUnreadable[]> {
    const { formats, signal } = this.#load;
    const unreadable: FoundUnreadable[] = [];
    for await (const piece of checkedLines(file, this.#checkerOf(file.format), this.#progressOf(file), signal)) {
      const { lines, crLf } = piece;
      let from = 0;
      const copyUntil = (to: number) => {
        const usual = lines.subarray(from, to);
        if (usual.length > 0) part.write(crLf > 0 ? withoutReturns(usual) : usual);
      };
      for (const { offset, length } of piece.odd) {
        copyUntil(offset);
        from = offset + length;
        const odd = readOddLine(lines.subarray(offset, from), file.format, formats);
        part.write(Buffer.from(odd.usualText));
        part.addFlows(odd.flows);
        for (const line of odd.unreadable) unreadable.push({ offset: piece.offset + offset, line });
        if (unreadable.length > maxUnreadable) throw new NotTextOnly();
      }
      copyUntil(lines.length);
      part.addFlows(piece.usual);
    }
    return unreadable;
  }

  /** Loads the part, if there is one. */
  async insertPart(): Promise<void> {
    const part = this.#part;
    const [file] = this.#copied.keys();
    if (!part || !file) return this.removePart();
    const { path, flows } = part;
    const source = { path, format: file.format, hasHeader: false, lineBreak: '\n' } as const;
    const { range, addOutside } = this.#load;
    const rows = { ...source, flows, arrivalDay: arrivalDay(file.delivered), range };
    const outside = await insertCsv(this.#connection, rows);
    if (outside) {
      addOutside(outside);
      for (const [copied, unreadable] of this.#copied) {
        for (const line of unreadable) this.#load.addUnreadable(line);
        this.loaded.add(copied);
      }
    }
    this.removePart();
  }

  removePart(): void {
    this.#part?.remove();
    this.#part = undefined;
    this.#copied = new Map();
  }

  /** Returns whether the rows of a file have the columns of those in the part, and the same day if they have no time. */
  #mayShareWith({ format, delivered }: LineFile): boolean {
    const [other] = this.#copied.keys();
    if (!other) return true;
    const hasTimes = format.indexOf.has('start') || format.indexOf.has('end');
    return namesOf(format) === namesOf(other.format) && (hasTimes || delivered === other.delivered);
  }

  #checkerOf(format: Format): LineChecker {
    const names = namesOf(format);
    const known = this.#checkers.get(names);
    if (known) return known;
    const checker = this.#load.createChecker(format, this.#load.formats.length > 1);
    this.#checkers.set(names, checker);
    return checker;
  }

  /** Returns a receiver of the stored bytes that were read; a file that is read again is not counted again. */
  #progressOf({ bytes }: LineFile): (bytes: number) => void {
    let read = 0;
    return (further) => {
      read = Math.min(bytes, read + further);
      this.#load.progress?.(this.#doneBytes + read);
    };
  }
}

function namesOf({ names }: Format): string {
  return names.join(' ');
}

/** Returns usual lines with LF instead of CR LF: DuckDB does not read lines of both kinds. */
function withoutReturns(lines: Buffer): Buffer {
  return Buffer.from(lines.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

async function withDays(file: LineFile, unreadable: readonly FoundUnreadable[]): Promise<UnreadableLine[]> {
  if (unreadable.length === 0) return [];
  const arrivals = await lineArrivals(file, new Set(unreadable.map(({ offset }) => offset)));
  return unreadable.map(({ offset, line }) => {
    const arrival = arrivals.get(offset);
    // The file has other lines than before.
    if (arrival === undefined) throw new NotTextOnly();
    return { ...line, day: arrivalDay(arrival) };
  });
}
