import { crc32 } from 'node:zlib';
import { FlowError } from '../common/errors.ts';
import {
  checkedFrom,
  countryOf,
  type GeoHeader,
  type GeoSection,
  type GeoSections,
  geoHeaderBytes,
  geoMagic,
  geoSections,
  geoVersion,
  maxCountries,
  maxOperators,
  maxTextBytes,
  operatorOf,
  readGeoHeader,
} from './geo-layout.ts';
import { type AwsService, GeoTable } from './geo-table.ts';
import { OperatorNames } from './operator-names.ts';
import { firstUnsorted, type RangeStarts, type RangeTable, rangeStarts } from './range-table.ts';

/**
 * Reads a table and checks all of its bytes. The table refers to the bytes, which must not change.
 *
 * @param names false leaves the names of operators out; the bytes may then end before them
 * @throws FlowError `GEO_TABLE_INVALID` that names the problem and the remedy
 */
export function readGeoTable(bytes: Uint8Array, { names = true }: { readonly names?: boolean } = {}): GeoTable {
  const header = checkedHeader(bytes);
  const sections = geoSections(header);
  const length = names ? sections.end : sections.namesBegin;
  if (bytes.length < length) throw invalid(`it is truncated: got ${bytes.length} bytes, expected ${length}`);
  if (bytes.length > sections.end)
    throw invalid(`it has bytes after its end: got ${bytes.length}, expected ${sections.end}`);
  // A view of 32-bit numbers begins at a multiple of four. A copy also frees the names that are left out.
  const isCopied = bytes.byteOffset % 4 !== 0 || bytes.length > length;
  const content = isCopied ? new Uint8Array(bytes.subarray(0, length)) : bytes;
  if (crc32(content.subarray(checkedFrom, sections.namesBegin)) !== header.checksum) throw invalid(damaged);
  const countries = readCountries(bytesOf(content, sections.countries));
  const awsServices = linesOf(content, sections.awsServices, 'AWS services').map(readAwsService);
  const asNumbers = numbersOf(content, sections.asNumbers);
  checkAscending({ width: 1, starts: asNumbers, values: asNumbers }, 'AS numbers');
  const isNetwork = (value: number) => countryOf(value) <= header.countries && operatorOf(value) <= header.operators;
  return new GeoTable({
    dataTime: header.dataTime,
    sources: linesOf(content, sections.sources, 'sources'),
    countries,
    asNumbers,
    awsServices,
    networks: readRanges(content, sections.networks, 'networks', isNetwork),
    aws: readRanges(content, sections.aws, 'AWS', (value) => value <= awsServices.length),
    names: names ? readNames(content, sections, header) : undefined,
  });
}

const damaged = 'it is damaged: the checksum differs';

function checkedHeader(bytes: Uint8Array): GeoHeader {
  const begin = Buffer.from(bytes.subarray(0, geoMagic.length));
  if (!begin.equals(geoMagic.subarray(0, begin.length)) || begin.length === 0)
    throw invalid('it has another format, or is empty');
  if (bytes.length < geoMagic.length + 4) throw invalid(truncatedHeader(bytes));
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(geoMagic.length, true);
  if (version > geoVersion) {
    const problem = `the geo table has the format version ${version}, expected ${geoVersion}`;
    throw new FlowError(
      'GEO_TABLE_INVALID',
      `${problem}: a later release wrote it; upgrade flow-sentinel, or build the table again with npx flow-sentinel geo build`,
    );
  }
  if (version !== geoVersion) throw invalid(`its format version is ${version}, expected ${geoVersion}`);
  if (bytes.length < geoHeaderBytes) throw invalid(truncatedHeader(bytes));
  const header = readGeoHeader(bytes);
  checkMaximum('countries', header.countries, maxCountries);
  checkMaximum('operators', header.operators, maxOperators);
  checkMaximum('bytes of sources', header.sourcesBytes, maxTextBytes);
  checkMaximum('bytes of AWS services', header.awsServicesBytes, maxTextBytes);
  return header;
}

function truncatedHeader(bytes: Uint8Array): string {
  return `it is truncated: got ${bytes.length} bytes, expected a header of ${geoHeaderBytes}`;
}

function checkMaximum(noun: string, count: number, max: number): void {
  if (count > max) throw invalid(`the number of ${noun} is ${count}, expected at most ${max}`);
}

function readCountries(letters: Uint8Array): string[] {
  const text = Buffer.from(letters).toString('latin1');
  if (!/^[A-Z]*$/.test(text)) throw invalid('a country is not two letters');
  return text.match(/../g) ?? [];
}

function readAwsService(line: string): AwsService {
  const [region = '', service = '', ...others] = line.split('\t');
  if (region === '' || service === '' || others.length > 0) throw invalid('an AWS service has no Region');
  return { region, service };
}

function readRanges(
  content: Uint8Array,
  sections: GeoSections['networks'],
  noun: string,
  isValue: (value: number) => boolean,
): RangeTable {
  const read = ({ width, starts, values }: GeoSections['networks']['ipv4'], kind: string): RangeStarts => {
    const ranges = rangeStarts(width, numbersOf(content, starts), numbersOf(content, values));
    checkAscending(ranges, `${kind} ranges of ${noun}`);
    const wrong = ranges.values.findIndex((value) => !isValue(value));
    if (wrong >= 0) throw invalid(`${kind} range ${wrong} of ${noun} has an index out of range`);
    return ranges;
  };
  const ipv6Full = read(sections.ipv6Full, 'full IPv6');
  for (let row = 0; row < ipv6Full.values.length; row += 1) {
    if (ipv6Full.starts[4 * row + 2] === 0 && ipv6Full.starts[4 * row + 3] === 0)
      throw invalid(`full IPv6 range ${row} of ${noun} has no lower bits`);
  }
  return { ipv4: read(sections.ipv4, 'IPv4'), ipv6Upper: read(sections.ipv6Upper, 'IPv6'), ipv6Full };
}

function readNames(content: Uint8Array, sections: GeoSections, header: GeoHeader): OperatorNames {
  if (crc32(content.subarray(sections.namesBegin)) !== header.namesChecksum) throw invalid(damaged);
  const ends = numbersOf(content, sections.nameEnds);
  for (let index = 1; index < ends.length; index += 1) {
    if (ends[index]! < ends[index - 1]!) throw invalid(`the name of operator ${index} ends before the one before`);
  }
  if ((ends.at(-1) ?? 0) !== header.nameBytes) throw invalid('the last name does not end with the names');
  return new OperatorNames(ends, bytesOf(content, sections.names));
}

function checkAscending(ranges: Parameters<typeof firstUnsorted>[0], noun: string): void {
  const row = firstUnsorted(ranges);
  if (row !== undefined) throw invalid(`the ${noun} are unsorted at ${row}`);
}

function bytesOf(content: Uint8Array, { begin, bytes }: GeoSection): Uint8Array {
  return content.subarray(begin, begin + bytes);
}

/** Returns numbers in place. Lambda and all supported platforms are little-endian, as the layout is. */
function numbersOf(content: Uint8Array, { begin, bytes }: GeoSection): Uint32Array {
  return new Uint32Array(content.buffer, content.byteOffset + begin, bytes / 4);
}

function linesOf(content: Uint8Array, section: GeoSection, noun: string): string[] {
  if (section.bytes === 0) return [];
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(content, section)).split('\n');
  } catch (error) {
    throw invalid(`the names of ${noun} are not UTF-8`, error);
  }
}

function invalid(problem: string, cause?: unknown): FlowError {
  return new FlowError(
    'GEO_TABLE_INVALID',
    `the geo table is invalid: ${problem}; build it again with npx flow-sentinel geo build`,
    { cause },
  );
}
