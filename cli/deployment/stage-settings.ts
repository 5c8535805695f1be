import { readSettingsFile } from '../../lib/settings/load-settings.ts';
import { readSettings, type Stage } from '../../lib/settings/read-settings.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Reads a stage of flow-sentinel.json. Without a name, takes the only stage or the stage `default`.
 *
 * @returns undefined without a name, if the file has several stages and no `default`
 * @throws InputError if the file has no such stage; FlowError `CONFIG_INVALID` that names every mistake in the file
 */
export function findStage(name: string | undefined, file = readSettingsFile()): Stage | undefined {
  const stages = readSettings({}, file);
  if (stages.length === 1 && name === undefined) return stages[0];
  const stage = stages.find((one) => one.name === (name ?? 'default'));
  if (stage || name === undefined) return stage;
  throw new InputError(`--stage is invalid: got ${JSON.stringify(name)}, expected ${expectedStage(file, stages)}`);
}

/**
 * Reads the settings of a stage in flow-sentinel.json. Without a name, takes the stage `default` or the only stage.
 *
 * @throws InputError if the file has no such stage, or several stages and no `default`
 * @throws FlowError `CONFIG_INVALID` that names every mistake in the file
 */
export function settingsOfStage(name: string | undefined, file = readSettingsFile()): Stage['settings'] {
  const stage = findStage(name, file);
  if (stage) return stage.settings;
  throw new InputError(`--stage is missing: expected ${expectedStage(file, readSettings({}, file))}`);
}

function expectedStage({ path }: { readonly path: string }, stages: readonly Stage[]): string {
  return `a stage of ${path}: ${stages.map(({ name }) => name).join(', ')}`;
}
