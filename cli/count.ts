import { availableParallelism } from 'node:os';
import { compileNetworks } from '../lambda/io/rule-directory.ts';
import { countFiles } from './count/count-files.ts';
import { pairTable } from './pair-table.ts';
import { conclude } from './replay/conclude.ts';
import { nothingRead, type ReplayedFiles } from './replay/replay-files.ts';
import { replayJson } from './replay/replay-json.ts';
import { readText } from './replay/replay-text.ts';
import { writePieces } from './write-pieces.ts';

export interface CountOptions {
  readonly networks?: string;
  readonly format?: readonly string[];
  /** How many threads may count at once; as many as there are processors for none. */
  readonly threads?: number;
  readonly json?: boolean;
}

/**
 * Adds up what flow log files say of each pair, and prints it.
 *
 * @throws InputError when nothing can be read; else see conclude
 */
export async function count(paths: readonly string[], options: CountOptions, signal: AbortSignal): Promise<void> {
  const { monitoredNetworks } = compileNetworks(options.networks);
  const threads = options.threads ?? availableParallelism();
  const counted = await countFiles(paths, { format: options.format, monitoredNetworks, threads, signal });
  const { files, counts, pairs, isInterrupted } = counted;
  const records = counts.records(pairs);
  const period = counts.from <= counts.to ? { from: counts.from, to: counts.to } : undefined;
  const read: ReplayedFiles = { files, records, period, arrivals: undefined, givenUp: 0, isInterrupted };
  const hasLines = records.flows + records.noData + records.skipData > 0;
  if (!hasLines && !isInterrupted) throw nothingRead(files, records);
  if (options.json) await writePieces(replayJson(read, pairs));
  else process.stdout.write(`${readText(read)}\n${pairTable(pairs)}`);
  conclude(read);
}
