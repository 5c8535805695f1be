import { readFileSync } from 'node:fs';
import { FlowError } from '../../lambda/common/errors.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';

/** Reads a table that `geo build` has written. @throws InputError if the file cannot be read, or is not such a table */
export function readGeoFile(path: string): GeoTable {
  try {
    return readGeoTable(readFileSync(path));
  } catch (error) {
    if (error instanceof FlowError) throw new InputError(`${path}: ${error.message}`);
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}
