import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlowError, messageOf } from '../../lambda/common/errors.ts';
import type { SourceFile } from '../../sigma/parse/yaml-document.ts';

/**
 * The file in which an operator says what to deploy.
 *
 * @throws FlowError `CONFIG_INVALID` when it cannot be read
 */
export function readSettingsFile(path: string = join(import.meta.dirname, '../../flow-sentinel.json')): SourceFile {
  try {
    return { path: 'flow-sentinel.json', text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new FlowError('CONFIG_INVALID', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
