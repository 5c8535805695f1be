import type { Format } from '../../../lambda/flow-log/format.ts';
import type { StoredFile } from '../storage/stored-file.ts';

/** The kind of a file's content. */
export type FlowFileKind =
  | 'flow log lines'
  | 'CloudWatch export'
  | 'decoded JSON lines'
  | 'CSV'
  | 'Parquet'
  | 'Firehose error records'
  | 'Firehose event';

/** The detected content of a file. */
export interface FileContent {
  readonly kind: FlowFileKind;
  /** The format that the file's header states; undefined if the lines have the formats that the user gave. */
  readonly header?: Format | undefined;
  /** Sets of fields whose values come with names, as in JSON and Parquet. */
  readonly fieldSets: readonly ReadonlySet<string>[];
  /** Whether the file has Firehose records, which are passed on unchanged. */
  readonly hasRecords: boolean;
  /** Whether the file has lines without a header. */
  readonly hasPlainLines: boolean;
  /** Whether the lines have another version than their fields imply, and could be mistaken for another format. */
  readonly hasOddVersion?: boolean | undefined;
  /** Names in the header that are not flow log fields: their values are passed over. */
  readonly unknownFields?: readonly string[] | undefined;
  /** Whether each line becomes a record as it is, except headers, blank lines and values of unknown fields. */
  readonly isText?: boolean | undefined;
  /** A problem of a file that can be read all the same. */
  readonly problem?: string | undefined;
  /** Arrival of the first record, in epoch milliseconds; undefined if the detection did not find it. */
  readonly firstArrival?: number | undefined;
  readonly read: Read;
}

/** The reason why a file cannot be read. */
export interface UnreadableContent {
  readonly problem: string;
}

/** The file that a reader reads. */
export interface Input {
  readonly file: StoredFile;
  /** Yields the bytes without compression and byte order mark. Rejects if the rest cannot be read. */
  chunks(): AsyncIterable<Buffer>;
  /** Receives the stored bytes that were read in another way than by `chunks`. */
  read(bytes: number): void;
}

/** The formats of the stream, and the receiver of problems. */
export interface Reading {
  /** Formats of lines without a header. */
  readonly plain: readonly Format[];
  /** All formats of the stream. */
  readonly formats: readonly Format[];
  /** The format to rewrite lines in; undefined if lines stay unchanged. */
  readonly common: Format | undefined;
  /** Receives what could not be read. */
  problem(text: string): void;
}

/** A record without its final arrival. */
export interface Entry {
  readonly data: Buffer;
  /** Arrival in epoch milliseconds; undefined if unknown. */
  readonly arrival: number | undefined;
}

/** Reads the records of a file in batches. Yields everything that can be read before it rejects. */
export type Read = (input: Input, reading: Reading) => AsyncGenerator<Entry[]>;
