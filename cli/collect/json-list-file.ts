import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';

/** A JSON file with one list, to which items are added one after the other. */
export interface JsonListFile {
  /** Adds items; a Date becomes ISO 8601 text. */
  add(items: readonly object[]): Promise<void>;
  /** Ends the list and moves the file to its path. */
  commit(): Promise<void>;
  /** Removes the unfinished file; an existing file at the path stays unchanged. */
  discard(): Promise<void>;
}

/**
 * Creates a file `{"<name>": [...]}` with one item a line, which only its owner may read. It appears complete or not at all.
 *
 * @throws InputError if the file cannot be written, here and in every method
 */
export async function beginJsonList(path: string, name: string): Promise<JsonListFile> {
  const file: AtomicFile = await beginAtomicFile(path, 0o600);
  await file.write(`{${JSON.stringify(name)}: [`);
  let separator = '\n';
  return {
    async add(items) {
      if (items.length === 0) return;
      await file.write(separator + items.map((item) => JSON.stringify(item)).join(',\n'));
      separator = ',\n';
    },
    async commit() {
      await file.write(separator === ',\n' ? '\n]}\n' : ']}\n');
      await file.commit();
    },
    discard: () => file.discard(),
  };
}
