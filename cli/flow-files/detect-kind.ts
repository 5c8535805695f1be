import { printable, truncate } from '../../lambda/common/text.ts';
import { fieldOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import type { FileContent, UnreadableContent } from './formats/reader.ts';
import { exportStamp, type Header, knownValues, lineReader, readHeader } from './formats/text-reader.ts';

/** Bytes of a file from which its content is detected, after gzip decompression. */
export const headBytes = 64 * 1024;

/** Upper bound of lines from which the content is detected. */
const headLines = 200;

const expected =
  'expected flow log text, CSV, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records';

/** Compressed files that people have, by their first bytes, with the command that expands them. */
const compressions = [
  { name: 'bzip2', magic: Buffer.from('BZh'), remedy: 'bunzip2 FILE' },
  { name: 'a zip archive', magic: Buffer.from('PK\u0003\u0004'), remedy: 'unzip FILE' },
  { name: 'Zstandard', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), remedy: 'unzstd FILE' },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), remedy: 'unxz FILE' },
];

/**
 * Detects the content of a text file by its beginning.
 *
 * @param isComplete whether the head is the complete file
 * @param plain the formats of lines without a header
 */
export async function detectContent(
  head: Buffer,
  isComplete: boolean,
  plain: readonly Format[],
): Promise<FileContent | UnreadableContent> {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return {
      problem:
        'the text encoding is invalid: got UTF-16, expected UTF-8; convert the file, such as with iconv -f UTF-16 -t UTF-8',
    };
  }
  const compression = compressions.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  if (compression) {
    const { name, remedy } = compression;
    return {
      problem: `the compression is invalid: got ${name}, expected gzip or none; decompress the file with ${remedy}`,
    };
  }
  if (head.includes(0)) return { problem: `the content is invalid: got unknown binary data, ${expected}` };
  const text = withoutByteOrderMark(head);
  if (opensJson(text)) {
    const { detectJson } = await import('./formats/json-kind.ts');
    return detectJson(text) ?? { problem: `the content is invalid: got unknown JSON, ${expected}` };
  }
  const lines = firstLines(text, isComplete);
  const first = lines[0];
  if (first === undefined) {
    return {
      problem: isComplete
        ? 'the file is empty: it has no line'
        : `the content is invalid: got a first line of more than ${headBytes} bytes, ${expected}`,
    };
  }
  return (
    headedLines(lines) ??
    (await csvContent(first)) ??
    plainLines(lines, plain) ?? { problem: `the content is invalid: got other text, ${expected}` }
  );
}

/** Detects CSV: lines of a flow log have no comma. */
async function csvContent(firstLine: string): Promise<FileContent | undefined> {
  if (!/[,@]/.test(firstLine)) return undefined;
  const { detectCsv } = await import('./formats/csv-reader.ts');
  return detectCsv(firstLine);
}

function firstLines(text: Buffer, isComplete: boolean): string[] {
  const lines = text.toString().split('\n');
  if (!isComplete) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, headLines);
}

/** Removes the byte order mark that Windows puts before UTF-8 text. */
export function withoutByteOrderMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

function opensJson(text: Buffer): boolean {
  const first = text.find((byte) => byte > 0x20);
  return first === 0x7b || first === 0x5b;
}

function headedLines([first = '', ...texts]: readonly string[]): FileContent | UnreadableContent | undefined {
  const header = readHeader(first);
  if (header === undefined) return undefined;
  if ('problem' in header) return { problem: `the header is invalid: ${header.problem}` };
  const known = knownValues(header);
  const bare = texts.map((text) => known(Buffer.from(text)).toString());
  return lines({ header, hasOddVersion: hasOddVersion(bare, header.format) });
}

function plainLines(texts: readonly string[], plain: readonly Format[]): FileContent | undefined {
  const isExport = texts.filter((line) => exportStamp.test(line)).length > texts.length / 2;
  const bare = isExport ? texts.map((line) => line.replace(exportStamp, '')) : texts;
  if (bare.some((line) => parseLine(line, plain).kind === 'flow')) {
    return lines({ isExport, hasOddVersion: plain.length === 1 && hasOddVersion(bare, plain[0]!) });
  }
  const similar = bare.filter(isLikeFlow);
  return similar.length > bare.length / 2 ? lines({ isExport, problem: unfit(similar[0]!, plain) }) : undefined;
}

interface Lines {
  readonly header?: Header;
  readonly isExport?: boolean;
  readonly hasOddVersion?: boolean;
  readonly problem?: string;
}

function lines({ header, isExport = false, hasOddVersion, problem }: Lines): FileContent {
  return {
    kind: isExport ? 'CloudWatch export' : 'flow log lines',
    header: header?.format,
    unknownFields: header?.unknownFields,
    fieldSets: [],
    hasRecords: false,
    hasPlainLines: !header,
    hasOddVersion,
    isText: !isExport,
    problem,
    read: lineReader(header, isExport),
  };
}

function hasOddVersion(texts: readonly string[], format: Format): boolean {
  const index = format.indexOf.get('version');
  if (index === undefined) return false;
  const own = String(format.version);
  return texts.some((text) => {
    if (text.trim().split(/[ \t]+/, index + 1)[index] === own) return false;
    const read = parseLine(text, [format]);
    const version = read.kind === 'flow' ? fieldOf(read.flow, 'version') : undefined;
    return version !== undefined && version !== own;
  });
}

/** Returns whether two words look like a flow log's: an address, a Unix time, or an action or status. */
function isLikeFlow(line: string): boolean {
  const words = line.trim().split(/[ \t]+/);
  return words.filter((word) => flowWord.test(word) || canonicalAddress(word) !== undefined).length > 1;
}

const flowWord = /^(?:\d{10}|\d{13}|ACCEPT|REJECT|OK|NODATA|SKIPDATA)$/;

function unfit(line: string, plain: readonly Format[]): string {
  const read = parseLine(line, plain);
  const reason = read.kind === 'unreadable' ? read.reason : 'it is a header';
  return `the header is missing and the lines cannot be read: ${truncate(printable(reason), 200)}; give their fields with --format`;
}
