import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** As for an object in S3: the maximum number of entries, with texts. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Reads a rule file, or the file of a network list. Only a regular file of at most 16 MiB below the folder is read, also
 * after symbolic links are resolved: the folder may come from somebody else, who must not read other files of this
 * machine.
 *
 * @param folder the folder of the rules, or of the file of named networks
 * @throws Error for any other path; its message has nothing of the file
 */
export function readListFile(folder: string, path: string): Uint8Array {
  // A path that is outside by its text needs no look at the file system.
  if (!isBelow(resolve(folder), resolve(path))) throw new OutsideError();
  const file = realpathSync(path);
  if (!isBelow(realpathSync(folder), file)) throw new OutsideError();
  // Without O_NONBLOCK, a pipe that nobody writes to blocks for ever.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > maxBytes) throw new Error(`it has ${stat.size} bytes, expected at most ${maxBytes}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

class OutsideError extends Error {
  constructor() {
    super('it is not below the folder of the file of named networks; copy the list there');
  }
}

function isBelow(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
