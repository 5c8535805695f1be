import { table } from '../../cli/terminal/text-table.ts';
import type { Missing, Row } from './benchmark.ts';

/** The machine of a run. */
export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  /** The load average of one minute, at the beginning and at the end. */
  readonly load: readonly [number, number];
}

/** The results of a run. */
export interface Results {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly missing: readonly Missing[];
  readonly failed: readonly { readonly part: string; readonly why: string }[];
}

const head = ['', 'what', 'ours', 'peer', 'ratio', 'target', 'met'];

/** Formats the results for the terminal. */
export function resultsText({ machine, rows, missing, failed }: Results): string {
  return [
    `${machineText(machine)}\n`,
    table(head, rows.map(cellsOf), [2, 3, 4]),
    ...missing.map(({ peer, why }) => `missing: ${peer}: ${why}\n`),
    ...failed.map(({ part, why }) => `failed: ${part}: ${why}\n`),
  ].join('');
}

/** Formats the results as the table of docs/reference/performance.md. */
export function resultsMarkdown({ machine, rows, missing }: Results): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [
    `${machineText(machine)}\n\n`,
    line(head),
    line(['---', '---', '--:', '--:', '--:', '---', '---']),
    ...rows.map((row) => line(cellsOf(row))),
    ...missing.map(({ peer, why }) => `\nMissing: ${peer} (${why}).\n`),
  ].join('');
}

export function resultsJson(results: Results): string {
  return `${JSON.stringify(results, null, 2)}\n`;
}

function machineText({ node, processor, processors, load }: Machine): string {
  const [before, after] = load.map((one) => one.toFixed(1));
  return `Node.js ${node}, ${processors} processors (${processor}), load ${before} at the beginning and ${after} at the end`;
}

function cellsOf({ id, name, ours, peer, ratio, target, met }: Row): string[] {
  return [id, name, numberText(ours), numberText(peer), numberText(ratio), target ?? '', metText(met)];
}

function metText(met: boolean | null): string {
  if (met === null) return '';
  return met ? 'yes' : 'no';
}

/** Formats a number with three significant digits, or as an integer from 100 on. */
function numberText(value: number | null): string {
  if (value === null) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
