import { settingsPath } from '../../lib/settings/load-settings.ts';
import { readStage } from '../monitored-networks/monitored-networks.ts';
import { InputError } from '../terminal/input-error.ts';
import { type CountingOptions, defaultCountEvery } from './counting.ts';

/**
 * Returns the way to count of a run: what the options say, or else the settings of the stage in flow-sentinel.json.
 *
 * @throws InputError for an unknown stage, or for `--count-every` with direct counting; FlowError `CONFIG_INVALID` for an invalid flow-sentinel.json
 */
export function countingOfRun(
  { counting, countEvery, stage }: CountingOptions & { readonly stage?: string },
  path = settingsPath,
): CountingOptions {
  const settings = readStage(stage, path).found?.settings;
  const way = counting ?? settings?.counting ?? 'direct';
  if (way === 'direct' && countEvery !== undefined)
    throw new InputError(
      `--count-every is invalid: got ${countEvery} with direct counting, expected a journal: add --counting journal`,
    );
  return {
    counting: way,
    countEvery: countEvery ?? settings?.countEvery ?? defaultCountEvery,
  };
}
