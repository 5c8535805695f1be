import { messageOf } from '../../lambda/common/errors.ts';

/** Common errors of file systems (errno(3)) in words: the message of Node.js repeats the path and names a system call. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'a file with this name exists',
  EISDIR: 'it is a folder',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ERR_BUFFER_TOO_LARGE: 'it is larger than 1 GiB when decompressed',
};

/** Returns the reason of a failed file operation in words; the message of any other error. */
export function fileErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? messageOf(error);
}
