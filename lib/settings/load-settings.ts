import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlowError, messageOf } from '../../lambda/common/errors.ts';
import type { SourceFile } from '../../sigma/parse/yaml-document.ts';

/** The path of flow-sentinel.json in the repository's root. */
export const settingsPath = join(import.meta.dirname, '../../flow-sentinel.json');

const smallestFile = '{ "stages": { "default": {} } }';

/**
 * Loads the settings file, by default flow-sentinel.json in the repository's root.
 *
 * @throws FlowError `CONFIG_INVALID` if the file cannot be read
 */
export function readSettingsFile(path: string = settingsPath): SourceFile {
  try {
    return { path: 'flow-sentinel.json', text: readFileSync(path, 'utf8') };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? `the file is missing; write one, such as ${smallestFile}` : messageOf(error);
    throw new FlowError('CONFIG_INVALID', `${path} cannot be read: ${reason}`, { cause: error });
  }
}
