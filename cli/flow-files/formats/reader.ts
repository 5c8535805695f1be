import type { Format } from '../../../lambda/flow-log/format.ts';
import type { StoredFile } from '../storage/stored-file.ts';

/** What a file holds, told by its content. */
export type FlowFileKind =
  | 'flow log lines'
  | 'CloudWatch export'
  | 'decoded JSON lines'
  | 'Parquet'
  | 'Firehose error records'
  | 'Firehose event';

/** What a file turned out to hold. */
export interface Look {
  readonly kind: FlowFileKind;
  /** Its own format, stated by a header; undefined where lines have those that the user gave. */
  readonly header?: Format | undefined;
  /** Sets of fields whose values have names. */
  readonly named: readonly ReadonlySet<string>[];
  /** Whether it has Firehose records, which go on as they came. */
  readonly hasRecords: boolean;
  /** Whether it has lines without a header. */
  readonly hasPlainLines: boolean;
  /** Whether its lines' version is not that of their fields, so that they could be taken for lines of another format. */
  readonly hasOddVersion?: boolean | undefined;
  /** What is wrong with it although it can be read. */
  readonly problem?: string | undefined;
  /** When its first record arrives, in epoch milliseconds, where that is known already. */
  readonly first?: number | undefined;
  readonly read: Read;
}

/** Why a file is none that can be read. */
export interface Unknown {
  readonly problem: string;
}

/** Where a reader finds what it reads. */
export interface Input {
  readonly file: StoredFile;
  /** Its bytes without compression and byte order mark. Rejects where the rest cannot be read. */
  chunks(): AsyncIterable<Buffer>;
  /** Is told how many bytes of the file were read by other ways. */
  read(bytes: number): void;
}

/** What a reader needs to know of the stream. */
export interface Reading {
  /** Formats of lines without a header. */
  readonly plain: readonly Format[];
  /** All formats of the stream. */
  readonly formats: readonly Format[];
  /** The one to write lines in; undefined where they stay as they are. */
  readonly common: Format | undefined;
  /** Is told what could not be read. */
  problem(text: string): void;
}

/** A record to be. */
export interface Entry {
  readonly data: Buffer;
  /** When it arrived, in epoch milliseconds; undefined where it does not say. */
  readonly arrival: number | undefined;
}

/**
 * Reads a file's records, by as many at once as are there. Rejects where the rest cannot be read: what could be has come
 * before.
 */
export type Read = (input: Input, reading: Reading) => AsyncGenerator<Entry[]>;
