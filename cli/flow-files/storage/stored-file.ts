/** Upper bound of open files, well below the limit of systems: macOS allows a process 256 by default. */
export const maxOpenFiles = 200;

/** A file in a folder of this machine or in a bucket. */
export interface StoredFile {
  /** The path or s3:// URI, as a person would name it. */
  readonly name: string;
  /** Stored size, compressed or not. */
  readonly bytes: number;
  /** The path on this machine; undefined for an object of a bucket. */
  readonly path: string | undefined;
  /**
   * A text that changes with the content: the time of the last modification, or the ETag of an object. Undefined for
   * standard input and pipes, which cannot be read again.
   */
  readonly version: string | undefined;
  /**
   * Reads the bytes from the beginning. Closes the file when the iteration ends, early or not. Rejects with the error of
   * the file system or of S3.
   *
   * @param maxBytes upper bound of the bytes to read (default: all)
   */
  open(maxBytes?: number): AsyncIterable<Buffer>;
}

/** A folder or file that cannot be opened. */
export interface FindProblem {
  readonly name: string;
  readonly problem: string;
}

/** The files below a path, and the folders and files that cannot be opened. */
export interface Found {
  readonly files: readonly StoredFile[];
  readonly problems: readonly FindProblem[];
}

/**
 * Returns whether a name excludes a flow log file. Excluded are hidden files, markers of tools such as `_SUCCESS`, and
 * the test file of a CloudWatch export (CloudWatch Logs User Guide, "Export log data").
 */
export function isIgnoredName(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'aws-logs-write-test';
}
