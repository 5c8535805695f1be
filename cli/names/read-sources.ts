import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { NameTable } from '../../lambda/names/name-table.ts';

/** The options that say who has addresses, where they lead and how hosts name them; each default: unknown. */
export interface SourceOptions {
  /** Folder or file of the names of addresses: see readNames. */
  readonly names?: string;
  /** File of `geo build`. */
  readonly geo?: string;
  /** Folders and files of DNS logs: see readDnsLogs. */
  readonly dns?: readonly string[];
  /** Folders and files of findings and API calls: see readContext. */
  readonly context?: readonly string[];
  /** Whether sample findings count. */
  readonly sampleFindings?: boolean;
}

/** What the options name. */
export interface ReadSources extends AddressSources {
  readonly names?: NameTable;
}

/**
 * Reads what the options name, and warns if the data of a table of regions is old. Loads a reader only if it is needed.
 *
 * @param signal stops the reading of DNS logs
 * @throws InputError if a file is not what it should be
 */
export async function readSources({ names, geo, dns }: SourceOptions, signal?: AbortSignal): Promise<ReadSources> {
  return {
    ...(names !== undefined && { names: (await import('./read-names.ts')).readNames(names) }),
    ...(geo !== undefined && { regions: (await import('./read-regions.ts')).readRegions(geo) }),
    ...(dns !== undefined && { dns: await (await import('../dns/read-dns-logs.ts')).readDnsLogs(dns, signal) }),
  };
}

/** Returns the words of a command that name the same sources. */
export function sourceWords({ names, geo, dns = [], context = [], sampleFindings = false }: SourceOptions): string[] {
  return [
    ...(names === undefined ? [] : ['--names', names]),
    ...(geo === undefined ? [] : ['--geo', geo]),
    ...dns.flatMap((path) => ['--dns', path]),
    ...context.flatMap((path) => ['--context', path]),
    ...(sampleFindings ? ['--sample-findings'] : []),
  ];
}
