import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Results, resultsMarkdown } from './results.ts';

const page = join(import.meta.dirname, '../../docs/reference/performance.md');
const [begin, end] = ['<!-- bench:begin -->\n', '<!-- bench:end -->'];

/** Writes the table into docs/reference/performance.md. @throws Error if the page lacks the markers of the table */
export function writePerformancePage(results: Results): void {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/reference/performance.md lacks the lines ${begin.trim()} and ${end}`);
  writeFileSync(page, `${text.slice(0, from)}${begin}${resultsMarkdown(results)}${text.slice(to)}`);
}
