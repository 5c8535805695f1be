import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { FlowFileKind } from './formats/reader.ts';

/** A file of a folder or bucket, and its reading status. */
export interface ReadFile {
  /** The path or s3:// URI, as a person would name it. */
  readonly name: string;
  /** Undefined if the kind is unknown. */
  readonly kind: FlowFileKind | undefined;
  /** Stored size, compressed or not. */
  readonly bytes: number;
  /** Records read so far. */
  readonly records: number;
  /** Names in the header that are not flow log fields, and whose values were passed over; undefined without such. */
  readonly unknownFields?: readonly string[] | undefined;
  /** Why the file, or the rest of it, could not be read: one line with the cause, the place and the remedy. */
  readonly problem: string | undefined;
}

/** Flow log files of every kind, merged by time as one stream of Firehose records. */
export interface FlowFiles {
  /** All formats of lines in the stream. They are unambiguous: see `ambiguities` in lambda/flow-log/format.ts. */
  readonly formats: readonly Format[];
  /** Stored size of all files. */
  readonly bytes: number;
  /** Returns the current status of the files, by name. */
  readonly files: () => readonly ReadFile[];
  /**
   * Yields the records in the order of their arrival. A line becomes one bare record with its line break
   * (decode/envelopes/text.ts); a Firehose record stays unchanged. Memory does not grow with the number of records.
   *
   * @param progress receives the stored bytes that were read so far
   */
  records(progress?: (bytes: number) => void): AsyncGenerator<SourceRecord>;
}

/** A file of flow log lines of one format. Each line becomes a record unchanged, so the file can be read as text too. */
export interface LineFile {
  readonly name: string;
  /** Stored size, compressed or not. */
  readonly bytes: number;
  /** The path on this machine; undefined for an object of a bucket. */
  readonly path: string | undefined;
  readonly format: Format;
  /** Whether the first line that is not blank names the fields. */
  readonly hasHeader: boolean;
  /** Arrival of the flows of a file without any time, in epoch milliseconds. */
  readonly delivered: number;
  /**
   * Yields the bytes without compression and byte order mark. Rejects if the rest cannot be read.
   *
   * @param read receives the stored bytes of each chunk that was read
   */
  chunks(read?: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** Flow log files of which some can be read as text instead of as records. */
export interface FlowTexts extends FlowFiles {
  /** The files of lines of one format, by name. Their lines are records too, unless `records` leaves the file out. */
  readonly lineFiles: readonly LineFile[];
  /** @param without files to leave out, as if they were read already */
  records(progress?: (bytes: number) => void, without?: ReadonlySet<LineFile>): AsyncGenerator<SourceRecord>;
}
