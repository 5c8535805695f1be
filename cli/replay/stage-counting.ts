import { settingsPath } from '../../lib/settings/load-settings.ts';
import { readStage } from '../monitored-networks/monitored-networks.ts';
import type { CountingOptions } from './counting.ts';

/**
 * Returns the way to count of a run: what the options say, or else the settings of the stage in flow-sentinel.json.
 *
 * @throws InputError for an unknown stage; FlowError `CONFIG_INVALID` for an invalid flow-sentinel.json
 */
export function countingOfRun(
  { counting, countEvery, stage }: CountingOptions & { readonly stage?: string },
  path = settingsPath,
): CountingOptions {
  const settings = readStage(stage, path).found?.settings;
  return {
    counting: counting ?? settings?.counting ?? 'direct',
    countEvery: countEvery ?? settings?.countEvery ?? 5,
  };
}
