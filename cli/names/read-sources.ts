import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { NameTable } from '../../lambda/names/name-table.ts';

/** The options that say who has addresses, and where they lead; each default: unknown. */
export interface SourceOptions {
  /** Folder or file of the names of addresses: see readNames. */
  readonly names?: string;
  /** File of `geo build`. */
  readonly geo?: string;
}

/** What the options name. */
export interface ReadSources extends AddressSources {
  readonly names?: NameTable;
}

/**
 * Reads what the options name, and warns if the data of a table of regions is old. Loads a reader only if it is needed.
 *
 * @throws InputError if a file is not what it should be
 */
export async function readSources({ names, geo }: SourceOptions): Promise<ReadSources> {
  return {
    ...(names !== undefined && { names: (await import('./read-names.ts')).readNames(names) }),
    ...(geo !== undefined && { regions: (await import('./read-regions.ts')).readRegions(geo) }),
  };
}

/** Returns the words of a command that name the same sources. */
export function sourceWords({ names, geo }: SourceOptions): string[] {
  return [...(names === undefined ? [] : ['--names', names]), ...(geo === undefined ? [] : ['--geo', geo])];
}
