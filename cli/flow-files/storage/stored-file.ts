/** Well below what systems allow a process; macOS allows it 256 open files by default. */
export const maxOpenFiles = 200;

/** A file where it lies: in a folder of this machine or in a bucket. */
export interface StoredFile {
  /** The path or s3:// address, as a person would name it. */
  readonly name: string;
  /** As it lies there, compressed or not. */
  readonly bytes: number;
  /** Where it is on this machine; undefined where it is not. */
  readonly path: string | undefined;
  /**
   * Its bytes; what holds it open is let go when the iteration ends, early or not. Rejects with what the store says.
   *
   * @param most the most bytes from its beginning; all by default
   */
  open(most?: number): AsyncIterable<Buffer>;
}

/** A folder or file that cannot be looked into. */
export interface FindProblem {
  readonly name: string;
  readonly problem: string;
}

/** What was found below a path: files, and folders or objects that cannot be read. */
export interface Found {
  readonly files: readonly StoredFile[];
  readonly problems: readonly FindProblem[];
}

/**
 * Whether a file is none of a flow log, told by its name alone: hidden ones, `_SUCCESS` and the like that tools leave
 * beside what they write, and CloudWatch's trial of whether it may export (CloudWatch Logs User Guide, "Export log data").
 */
export function isBeside(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'aws-logs-write-test';
}
