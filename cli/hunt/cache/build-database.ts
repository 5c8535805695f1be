import { rm } from 'node:fs/promises';
import type { Network } from '../../../lambda/networks/ip-address.ts';
import type { FlowTexts } from '../../flow-files/flow-files.ts';
import { problemLines, unknownFieldLines } from '../../flow-files/problems.ts';
import type { TimeRange } from '../../flow-files/time-range.ts';
import { hasDirection } from '../../monitored-networks/has-direction.ts';
import { showProgress } from '../../terminal/progress.ts';
import { removeAtExit } from '../../terminal/temporary-files.ts';
import { loadFlows } from '../load/load-flows.ts';
import type { Origin } from './load-origin.ts';

/** A database of flows to build. */
export interface Build {
  readonly files: FlowTexts;
  /** Undefined if the files cannot be asked again. */
  readonly origin: Origin | undefined;
  readonly monitoredNetworks: readonly Network[];
  readonly timeRange: TimeRange | undefined;
}

/** A database that was built. */
export interface Built {
  readonly path: string;
  /** Whether the monitored networks decided which flows count. */
  readonly dependsOnNetworks: boolean;
  /** Whether all files were read completely, and the origin is known: otherwise the database is not used again. */
  readonly isReusable: boolean;
  /** The lines about files that could not be read completely. */
  readonly problems: readonly string[];
  readonly unknownFieldLines: readonly string[];
  /** Cancels the removal of the file when the process exits. */
  readonly keepAtExit: () => void;
}

/**
 * Loads the flows of files into a new database. The file is removed if this rejects, and when the process exits.
 *
 * @param folder a folder for temporary files
 * @param signal ends the loading early
 */
export async function buildDatabase(
  { path, folder }: { readonly path: string; readonly folder: string },
  { files, origin, monitoredNetworks, timeRange }: Build,
  signal: AbortSignal,
): Promise<Built> {
  const dependsOnNetworks = hasDirection(files.formats);
  const unknownFields = unknownFieldLines(files.files());
  const cancels = [path, `${path}.wal`].map(removeAtExit);
  const keepAtExit = () => {
    for (const cancel of cancels) cancel();
  };
  const bar = showProgress('Reading', files.bytes);
  try {
    await loadFlows(
      { file: path, folder },
      {
        ...{ files, monitoredNetworks, timeRange },
        progress: (bytes) => bar.update(bytes),
        origin: origin && {
          sources: origin.sources,
          monitoredNetworks: dependsOnNetworks ? origin.monitoredNetworks : undefined,
          unknownFieldLines: unknownFields,
        },
      },
      signal,
    );
  } catch (error) {
    await rm(path, { force: true });
    await rm(`${path}.wal`, { force: true });
    keepAtExit();
    throw error;
  } finally {
    bar.end();
  }
  const problems = problemLines(files.files());
  const isReusable = origin !== undefined && problems.length === 0 && !signal.aborted;
  return { path, dependsOnNetworks, isReusable, problems, unknownFieldLines: unknownFields, keepAtExit };
}
