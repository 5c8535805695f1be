import { DataSection } from './data-section.ts';
import { MmdbError } from './mmdb-error.ts';

/** What an MMDB file says about itself ("MaxMind DB File Format Specification", "Database Metadata"). */
export interface Metadata {
  /** Offset of the first byte that belongs to the metadata. */
  readonly begin: number;
  readonly nodeCount: number;
  /** Bits of each of the two records of a node. */
  readonly recordSize: 24 | 28 | 32;
  readonly ipVersion: 4 | 6;
  /** The time of the build, in epoch seconds. */
  readonly buildTime: number;
  /** The kind of database, such as `GeoLite2-ASN`. */
  readonly databaseType: string;
}

const marker = Buffer.concat([Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com')]);
/** The marker and the metadata are in the last 128 KiB. */
const maxMetadataBytes = 128 * 1024;

/** Returns whether bytes are a complete MMDB file: the metadata is at the end. The marker is not UTF-8, so no text has it. */
export function isMmdb(bytes: Buffer): boolean {
  return markerOffset(bytes) >= 0;
}

/** Reads the metadata of an MMDB file. @throws MmdbError if a field is missing or invalid */
export function readMetadata(bytes: Buffer): Metadata {
  const begin = markerOffset(bytes);
  const section = bytes.subarray(begin + marker.length);
  const data = new DataSection(section, maxMetadataBytes);
  const fields = data.fields(0);
  const offsetOf = (name: string) => {
    const offset = fields.get(name);
    if (offset === undefined) throw new MmdbError(`the metadata has no ${name}`);
    return offset;
  };
  const oneOf = <Value extends number>(name: string, values: readonly Value[]): Value => {
    const got = data.unsigned(offsetOf(name));
    const value = values.find((one) => one === got);
    if (value === undefined) throw new MmdbError(`${name} is ${got}, expected ${values.join(' or ')}`);
    return value;
  };
  oneOf('binary_format_major_version', [2]);
  const buildTime = data.unsigned(offsetOf('build_epoch'));
  if (buildTime > 0xffff_ffff) throw new MmdbError(`build_epoch is ${buildTime}, expected epoch seconds`);
  return {
    begin,
    nodeCount: data.unsigned(offsetOf('node_count')),
    recordSize: oneOf('record_size', [24, 28, 32]),
    ipVersion: oneOf('ip_version', [4, 6]),
    buildTime,
    databaseType: data.text(offsetOf('database_type')),
  };
}

function markerOffset(bytes: Buffer): number {
  const tail = Math.max(0, bytes.length - maxMetadataBytes);
  const found = bytes.subarray(tail).lastIndexOf(marker);
  return found < 0 ? -1 : tail + found;
}
