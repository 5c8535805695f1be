import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlowError, messageOf } from '../../lambda/common/errors.ts';
import type { SourceFile } from '../../sigma/parse/yaml-document.ts';

/** The path of flow-sentinel.json in the repository's root. */
export const settingsPath = join(import.meta.dirname, '../../flow-sentinel.json');

/**
 * Loads the settings file, by default flow-sentinel.json in the repository's root.
 *
 * @throws FlowError `CONFIG_INVALID` if the file cannot be read
 */
export function readSettingsFile(path: string = settingsPath): SourceFile {
  try {
    return { path: 'flow-sentinel.json', text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new FlowError('CONFIG_INVALID', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
