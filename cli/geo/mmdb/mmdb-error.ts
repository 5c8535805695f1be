/** A problem of an MMDB file: a noun and what is wrong, without the name of the file. */
export class MmdbError extends Error {
  override readonly name = 'MmdbError';
}
