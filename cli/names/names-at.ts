import type { NameTable } from '../../lambda/names/name-table.ts';

/** Reads the names of addresses: see readNames. Loads the reader only if a path is given. @returns undefined without a path */
export async function namesAt(path: string | undefined): Promise<NameTable | undefined> {
  if (path === undefined) return undefined;
  const { readNames } = await import('./read-names.ts');
  return readNames(path);
}
