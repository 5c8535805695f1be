import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { InputError, inputText, readInputBytes } from '../terminal/input-error.ts';
import { showProgress } from '../terminal/progress.ts';
import { inputName, standardInput } from '../terminal/standard-input.ts';
import { isMmdb } from './mmdb/metadata.ts';
import type { NetworkSource } from './network-source.ts';
import { readIp2Asn } from './read-ip2asn.ts';
import { readMmdb } from './read-mmdb.ts';

/** A source that was read from a file. */
export interface NetworkFile extends NetworkSource {
  /** The name of the file in one line, with the day of the data if the file says it. */
  readonly label: string;
  /** The time of the data in epoch seconds: of the build of an MMDB file, or of the modification of another file. */
  readonly dataTime: number | undefined;
}

/** The first bytes of a file that decide whether it is a text. */
const sampleBytes = 4096;

/**
 * Reads a file of iptoasn.com or an MMDB file; the content decides. Both may be compressed with gzip.
 *
 * @throws InputError if the file cannot be read, is damaged, or has no ranges
 */
export function readNetworkSource(path: string): NetworkFile {
  const name = inputName(path);
  const bytes = readInputBytes(path);
  const progress = showProgress(`Reading ${name}`, bytes.length);
  const onRead = (done: number) => progress.update(done);
  try {
    if (isMmdb(bytes)) {
      const source = readMmdb(bytes, name, onRead);
      return {
        ...source,
        label: `${fileName(path)} of ${utc(source.buildTime).slice(0, 10)}`,
        dataTime: source.buildTime,
      };
    }
    if (bytes.subarray(0, sampleBytes).includes(0)) {
      const problem = 'it is not text, and has no metadata of MMDB at its end';
      throw new InputError(`${name} is invalid: ${problem}, expected a complete file; download it again`);
    }
    const source = readIp2Asn(inputText(bytes, path), name, onRead);
    checkHasRanges(source, name);
    return { ...source, label: fileName(path), dataTime: modificationTime(path) };
  } finally {
    progress.end();
  }
}

/** Returns the name of a file in one line: the table lists a source each line. */
export function fileName(path: string): string {
  return printable(basename(inputName(path)));
}

function checkHasRanges({ networks, leftOut }: NetworkSource, name: string): void {
  if (networks.ipv4.length + networks.ipv6.length > 0) return;
  const [first] = leftOut;
  const reason = first ? `: ${first.where}: ${first.problem}` : '';
  throw new InputError(
    `${name} has no ranges, expected ip2asn-combined.tsv of https://iptoasn.com/ or an MMDB file${reason}`,
  );
}

function modificationTime(path: string): number | undefined {
  return path === standardInput ? undefined : Math.max(0, Math.floor(statSync(path).mtimeMs / 1000));
}
