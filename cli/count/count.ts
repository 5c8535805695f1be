import { availableParallelism } from 'node:os';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { reportIncomplete } from '../replay/exit-status.ts';
import { emptyInputError, type ReplayedFiles } from '../replay/replay-files.ts';
import { replayJson } from '../replay/replay-json.ts';
import { summaryText } from '../replay/replay-text.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { writeChunks } from '../terminal/stdout.ts';
import { countFiles } from './count-files.ts';

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
 * @throws InputError when nothing can be read, FlowError `RULE_INVALID` when named networks cannot be; else see conclude
 */
export async function count(paths: readonly string[], options: CountOptions, signal: AbortSignal): Promise<void> {
  const { format, networks, threads = availableParallelism() } = options;
  const named = networks === undefined ? undefined : await monitoredIn(networks);
  const monitoredNetworks = async () => named ?? (await monitoredIn(undefined));
  const counted = await countFiles(paths, { format, monitoredNetworks, threads, signal });
  const { files, counts, pairs, total, isInterrupted } = counted;
  const records = counts.totals(total);
  const { period } = counts;
  const read: ReplayedFiles = { files, records, period, arrivals: undefined, givenUp: 0, isInterrupted };
  const nothing = emptyInputError(files, records);
  if (nothing && !isInterrupted) throw nothing;
  if (options.json) await writeChunks(replayJson(read, pairs));
  else process.stdout.write(`${summaryText(read)}\n${pairTable(pairs)}`);
  reportIncomplete(read);
}

/** A file of networks is YAML, whose reader is loaded where it is needed: that takes a quarter of a short run. */
async function monitoredIn(networksFile: string | undefined): Promise<readonly Network[]> {
  const { compileNetworks } = await import('../../sigma/rule-directory.ts');
  return compileNetworks(networksFile).monitoredNetworks;
}
