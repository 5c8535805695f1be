import { readFileSync } from 'node:fs';
import { FlowError } from '../../lambda/common/errors.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';

/** A table, and the size of its file in bytes. */
export interface GeoFile {
  readonly table: GeoTable;
  readonly bytes: number;
}

/** Reads a table that `geo build` has written. @throws InputError if the file cannot be read, or is not such a table */
export function readGeoFile(path: string): GeoFile {
  try {
    const content = readFileSync(path);
    return { table: readGeoTable(content), bytes: content.length };
  } catch (error) {
    if (error instanceof FlowError) throw new InputError(`${path}: ${error.message}`);
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}
