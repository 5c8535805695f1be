import { formatInteger } from '../../lambda/common/format-units.ts';
import { InputError } from '../terminal/input-error.ts';
import { addressOf } from './address-range.ts';
import type { NetworkRange } from './geo-table-bytes.ts';
import { addMerged } from './merge-ranges.ts';
import { DataSection } from './mmdb/data-section.ts';
import { readMetadata } from './mmdb/metadata.ts';
import { MmdbError } from './mmdb/mmdb-error.ts';
import { type NetworkFacts, readFacts } from './mmdb/network-facts.ts';
import { SearchTree, type TreeNetwork } from './mmdb/search-tree.ts';
import type { LeftOut, NetworkSource } from './network-source.ts';

/** The content of an MMDB file. */
export interface MmdbSource extends NetworkSource {
  /** The time of the data, in epoch seconds. */
  readonly buildTime: number;
}

/** The bound of the memory that one file takes. Databases of countries and AS numbers have less than half. */
export const maxRanges = 4_000_000;

/** Files share values by pointers: each byte is read a few times. */
const maxReadsOfByte = 16;

/** Number of networks between two updates of the progress. */
const progressStep = 8192;

/**
 * Reads the countries and operators of an MMDB file: GeoLite2, DB-IP, IPinfo and others with their fields.
 *
 * @param onRead is told the number of bytes that have been read
 * @throws InputError if the file is damaged, or has neither a country nor an operator
 */
export function readMmdb(bytes: Buffer, name: string, onRead: (bytes: number) => void = () => {}): MmdbSource {
  try {
    return readNetworks(bytes, name, onRead);
  } catch (error) {
    if (!(error instanceof MmdbError)) throw error;
    throw new InputError(`${name} is invalid: ${error.message}; download it again`);
  }
}

function readNetworks(bytes: Buffer, name: string, onRead: (bytes: number) => void): MmdbSource {
  const metadata = readMetadata(bytes);
  const tree = new SearchTree(bytes, metadata);
  const data = new DataSection(bytes.subarray(tree.dataBegin, metadata.begin), maxReadsOfByte * bytes.length);
  const factsByOffset = new Map<number, NetworkFacts>();
  const operatorNames = new Map<number, string>();
  const leftOut: LeftOut[] = [];
  let networks = 0;
  const rangesOf = (bits: 32 | 128, walk: (visit: (network: TreeNetwork) => void) => void) => {
    const ranges: NetworkRange[] = [];
    walk(({ first, last, length, data: offset }) => {
      networks += 1;
      if (networks % progressStep === 0) onRead(tree.visits * (metadata.recordSize / 4));
      let facts = factsByOffset.get(offset);
      if (!facts) {
        facts = readFacts(data, offset);
        factsByOffset.set(offset, facts);
        const where = `${name}: ${addressOf({ bits, value: first })}/${length}`;
        leftOut.push(...facts.problems.map((problem) => ({ where, problem })));
        const { asn, operatorName = '' } = facts;
        if (asn !== undefined && operatorName !== '' && !operatorNames.has(asn)) operatorNames.set(asn, operatorName);
      }
      const { country, asn } = facts;
      if (country === undefined && asn === undefined) return;
      addMerged(ranges, { first, last, country, asn });
      if (ranges.length > maxRanges)
        throw new InputError(`${name} has more than ${formatInteger(maxRanges)} ranges, which is not supported`);
    });
    return ranges;
  };
  const ipv4 = rangesOf(32, (visit) => tree.walkIpv4(visit));
  const ipv6 = rangesOf(128, (visit) => tree.walkIpv6(visit));
  if (ipv4.length + ipv6.length === 0) {
    const reason = leftOut[0] ? `: ${leftOut[0].where}: ${leftOut[0].problem}` : '';
    const kind = JSON.stringify(metadata.databaseType.slice(0, 60));
    throw new InputError(
      `${name} has no ranges: its type is ${kind}, expected a database with countries or AS numbers${reason}`,
    );
  }
  return { networks: { ipv4, ipv6 }, operatorNames, leftOut, buildTime: metadata.buildTime };
}
