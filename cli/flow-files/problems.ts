import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import type { ReadFile } from './flow-files.ts';

/** How many problems of one file are told: they are one line for a person. */
const maxTold = 2;

/** What is wrong with a file. */
export class Problems {
  readonly #first: string[] = [];
  #further = 0;

  add(problem: string): void {
    if (this.#first.length < maxTold) this.#first.push(problem);
    else this.#further += 1;
  }

  /** One line; undefined where there are none. */
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

/** How many files are named. */
const maxFiles = 20;

/** A line for each file that could not be read, or not to its end; of many, the first, and how many more there are. */
export function problemLines(files: readonly ReadFile[]): string[] {
  const lines = files.flatMap(({ name, kind, problem }) => {
    if (problem === undefined) return [];
    return `${printable(name)}${kind === undefined ? ' cannot be read' : ''}: ${printable(problem)}`;
  });
  const further = lines.length - maxFiles;
  if (further <= 0) return lines;
  return [...lines.slice(0, maxFiles), `and ${formatInteger(further)} more ${further === 1 ? 'file' : 'files'}`];
}
