import { digits } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import type { ReadFile } from './flow-files.ts';

/** How many files are named. */
const most = 20;

/** A line for each file that could not be read, or not to its end; of many, the first, and how many more there are. */
export function problemLines(files: readonly ReadFile[]): string[] {
  const lines = files.flatMap(({ name, kind, problem }) => {
    if (problem === undefined) return [];
    return `${printable(name)}${kind === undefined ? ' cannot be read' : ''}: ${printable(problem)}`;
  });
  const further = lines.length - most;
  if (further <= 0) return lines;
  return [...lines.slice(0, most), `and ${digits(further)} more ${further === 1 ? 'file' : 'files'}`];
}
