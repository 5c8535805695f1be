import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import type { ReadFile } from './flow-files.ts';

/** Upper bound of problems of one file that are shown, because they share one line. */
const maxShown = 2;

/** The problems of one file. */
export class Problems {
  readonly #first: string[] = [];
  #further = 0;

  add(problem: string): void {
    if (this.#first.length < maxShown) this.#first.push(problem);
    else this.#further += 1;
  }

  /** The problems in one line; undefined without problems. */
  get text(): string | undefined {
    if (this.#first.length === 0) return undefined;
    return `${this.#first.join('; ')}${this.#further > 0 ? `; and ${this.#further} more problems` : ''}`;
  }

  copy(): Problems {
    const copy = new Problems();
    for (const problem of this.#first) copy.add(problem);
    copy.#further = this.#further;
    return copy;
  }
}

/** Upper bound of files that are shown by name. */
const maxFiles = 20;

/** Returns one line for each file that could not be read completely; after the first 20, the number of further files. */
export function problemLines(files: readonly ReadFile[]): string[] {
  const lines = files.flatMap(({ name, kind, problem }) => {
    if (problem === undefined) return [];
    return `${printable(name)}${kind === undefined ? ' cannot be read' : ''}: ${printable(problem)}`;
  });
  const further = lines.length - maxFiles;
  if (further <= 0) return lines;
  return [...lines.slice(0, maxFiles), `and ${formatInteger(further)} more ${further === 1 ? 'file' : 'files'}`];
}

/** Upper bound of the names of unknown fields in one line, in characters. */
const maxNamesText = 200;

/**
 * Returns one line for the unknown fields of all files; no line without any. Such a file is not a problem: AWS adds
 * fields in new versions.
 */
export function unknownFieldLines(files: readonly ReadFile[]): string[] {
  const [first, ...others] = files.filter(({ unknownFields = [] }) => unknownFields.length > 0);
  if (!first) return [];
  const names = new Set([first, ...others].flatMap(({ unknownFields = [] }) => unknownFields));
  const more = others.length > 0 ? ` and ${formatInteger(others.length)} more` : '';
  const text = truncate(printable([...names].join(', ')), maxNamesText);
  return [`unknown fields were passed over: ${text} (in ${printable(first.name)}${more}); all other fields were read`];
}
