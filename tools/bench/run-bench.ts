import { availableParallelism, cpus, loadavg } from 'node:os';
import { Command, CommanderError } from 'commander';
import { beginAtomicFile } from '../../cli/terminal/atomic-file.ts';
import { InputError } from '../../cli/terminal/input-error.ts';
import { heading } from '../../cli/terminal/text-table.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import type { Missing, Part, Row } from './benchmark.ts';
import { parts, partsOf } from './parts.ts';
import { writePerformancePage } from './performance-page.ts';
import { type Results, resultsJson, resultsText } from './results.ts';

interface Options {
  readonly only?: string;
  readonly json?: string;
  readonly write?: boolean;
  readonly quick?: boolean;
}

/**
 * Runs the benchmarks.
 *
 * @returns the exit code: 0 if everything was measured, whether or not targets are met; 1 if a part failed; 2 for wrong usage
 */
export async function runBench(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('bench')
    .description('Compares flow-sentinel with its peers, side by side. See docs/reference/performance.md.')
    .option('--only <numbers>', 'parts to run, such as 1,2 (default: all)')
    .option('--json <file>', 'also write the rows into a file')
    .option('--write', 'write the table into docs/reference/performance.md')
    .option('--quick', 'small sizes, to check that all parts run: the numbers mean nothing')
    .addHelpText('after', `\nParts:\n${parts.map(({ number, title }) => `  ${number.padEnd(2)}  ${title}\n`).join('')}`)
    .exitOverride()
    .showHelpAfterError('See --help for usage.')
    .action(async (options: Options) => {
      code = await measure(options);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`bench: ${printable(messageOf(error))}\n`);
    return error instanceof InputError ? 2 : 1;
  }
}

async function measure({ only, json, write = false, quick = false }: Options): Promise<number> {
  const wanted = partsOf(only);
  if (write && (only !== undefined || quick)) {
    throw new InputError('--write needs a complete run: remove --only and --quick');
  }
  const file = json === undefined ? undefined : await beginAtomicFile(json);
  try {
    const results = await resultsOf(wanted, quick);
    await file?.write(resultsJson(results));
    await file?.commit();
    if (write) writePerformancePage(results);
    process.stdout.write(`\n${resultsText(results)}`);
    return results.failed.length > 0 ? 1 : 0;
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

async function resultsOf(wanted: readonly Part[], isQuick: boolean): Promise<Results> {
  const [rows, missing, failed]: [Row[], Missing[], { part: string; why: string }[]] = [[], [], []];
  const before = loadavg()[0]!;
  for (const { number, title, run } of wanted) {
    process.stdout.write(`${heading(`${number}  ${title}`)}\n`);
    const began = performance.now();
    try {
      await run({
        isQuick,
        say: (text) => process.stdout.write(`  ${printable(text)}\n`),
        add: (row) => rows.push(row),
        miss: (peer) => missing.push(peer),
      });
    } catch (error) {
      failed.push({ part: number, why: messageOf(error) });
      process.stderr.write(`part ${number} failed: ${printable(messageOf(error))}\n`);
    }
    process.stdout.write(`  ${formatInteger(Math.round((performance.now() - began) / 1000))} s\n`);
  }
  const machine = {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    load: [before, loadavg()[0]!] as const,
  };
  return { machine, rows, missing, failed };
}
