import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from './input-error.ts';

/**
 * Checks that no output file replaces an input file or another output file, also through links.
 *
 * @param outputs paths of the files to write; undefined where the option is missing
 * @param noun plural noun for the inputs, for the error
 * @throws InputError that names the conflicting path
 */
export function checkOutputPaths(
  outputs: readonly (string | undefined)[],
  inputs: readonly { readonly name: string }[],
  noun = 'logs',
): void {
  const hasOutput = outputs.some((path) => path !== undefined);
  const inputTargets = new Set(hasOutput ? inputs.map(({ name }) => linkTarget(name)) : []);
  const outputTargets = new Set<string>();
  for (const path of outputs) {
    if (path === undefined) continue;
    const target = linkTarget(path);
    if (inputTargets.has(target))
      throw new InputError(`${path} is one of the ${noun} and would be lost, name another file`);
    if (outputTargets.has(target))
      throw new InputError(`${path} is named for two outputs, name another file for one of them`);
    outputTargets.add(target);
  }
}

/** Returns the path behind all links; the file itself may be missing. */
function linkTarget(path: string): string {
  return realPath(path) ?? join(realPath(dirname(path)) ?? resolve(dirname(path)), basename(path));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
