import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileErrorText } from '../../terminal/file-error.ts';

/** A temporary file that cannot be written. */
export class PartFailure extends Error {}

/** A temporary file of usual lines, with LF at the end of each. */
export class CsvPart {
  readonly path: string;
  readonly #file: number;
  #bytes = 0;
  #flows = 0;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'wx', 0o600);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of flows, which is that of lines. */
  get flows(): number {
    return this.#flows;
  }

  /** Appends lines. @throws PartFailure if the disk is full */
  write(lines: Buffer): void {
    try {
      for (let at = 0; at < lines.length; ) {
        at += writeSync(this.#file, lines, at, lines.length - at, this.#bytes + at);
      }
    } catch (error) {
      throw new PartFailure(`the flows cannot be saved in ${dirname(this.path)}: ${fileErrorText(error)}`);
    }
    this.#bytes += lines.length;
  }

  addFlows(count: number): void {
    this.#flows += count;
  }

  /** Removes the lines after a former state of the file. */
  cut({ bytes, flows }: Pick<CsvPart, 'bytes' | 'flows'>): void {
    ftruncateSync(this.#file, bytes);
    this.#bytes = bytes;
    this.#flows = flows;
  }

  /** Closes and removes the file. */
  remove(): void {
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }
}
