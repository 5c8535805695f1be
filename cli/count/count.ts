import { availableParallelism } from 'node:os';
import { nothingInRange, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import type { MonitoredNetworkOptions, MonitoredNetworks } from '../monitored-networks/monitored-networks.ts';
import { unnamedNetworks } from '../monitored-networks/unnamed-networks.ts';
import { emptyInputError } from '../replay/empty-input.ts';
import { reportIncomplete } from '../replay/exit-status.ts';
import type { ReplayedFiles } from '../replay/replay-files.ts';
import { replayJson } from '../replay/replay-json.ts';
import { summaryText } from '../replay/summary-text.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { writeChunks } from '../terminal/stdout.ts';
import { countFiles } from './count-files.ts';

export interface CountOptions extends TimeRangeOptions, MonitoredNetworkOptions {
  readonly format?: readonly string[];
  /** Upper bound of threads (default: the number of processors). */
  readonly threads?: number;
  readonly json?: boolean;
}

/**
 * Counts the traffic of each pair in flow log files, and prints it.
 *
 * @throws InputError if no file can be read; FlowError `RULE_INVALID` if named networks are invalid; otherwise as
 * reportIncomplete
 */
export async function count(paths: readonly string[], options: CountOptions, signal: AbortSignal): Promise<void> {
  const { format, networks, threads = availableParallelism() } = options;
  const range = timeRangeOf(options);
  let monitored = networks === undefined ? undefined : await readMonitoredNetworks(options);
  const monitoredNetworks = async () => {
    monitored ??= await readMonitoredNetworks(options);
    return monitored.networks;
  };
  const counted = await countFiles(paths, { format, monitoredNetworks, threads, range, signal });
  const { files, counts, pairs, hasDirection, isInterrupted } = counted;
  if (!hasDirection && options.monitoredNetworks !== undefined) await monitoredNetworks();
  const records = counts.totals(pairs.total);
  const { period } = counts;
  const read: ReplayedFiles = {
    files,
    records,
    monitoring: monitored ? { monitored, leftOut: hasDirection ? records.leftOut : undefined } : undefined,
    period,
    flowRange: undefined,
    unseen: [],
    arrivals: undefined,
    lateFlows: 0,
    givenUp: 0,
    isInterrupted,
  };
  const { outside, outsideFrom, outsideTo } = counts;
  const isEmpty = records.flows + records.noData + records.skipData === 0;
  if (range && isEmpty && outside > 0 && !isInterrupted) {
    throw nothingInRange(range, { flows: outside, from: outsideFrom, to: outsideTo });
  }
  const nothing = emptyInputError(files, records);
  if (nothing && !isInterrupted) throw nothing;
  if (options.json) await writeChunks(replayJson(read, pairs.json()));
  else process.stdout.write(`${summaryText(read)}\n${pairTable(pairs)}`);
  reportIncomplete(read);
}

/** Reads the monitored networks. The YAML parser is imported only here, because that takes most of a short run. */
async function readMonitoredNetworks(options: CountOptions): Promise<MonitoredNetworks> {
  const unnamed = unnamedNetworks(options);
  if (unnamed) return unnamed;
  const { compileNetworks } = await import('../../sigma/rule-directory.ts');
  const { monitoredNetworksOf } = await import('../monitored-networks/monitored-networks.ts');
  return monitoredNetworksOf(compileNetworks(options.networks), options);
}
