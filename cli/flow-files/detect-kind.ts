import { printable, truncate } from '../../lambda/common/text.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { fieldOf } from '../../lambda/flow-log/flow.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { jsonKind } from './formats/json-kind.ts';
import type { Look, Unknown } from './formats/reader.ts';
import { exportStamp, headerNames, headerOf, lineReader } from './formats/text-reader.ts';

/** How many bytes of a file are looked at to tell what it is, after gzip is peeled off. */
export const headBytes = 64 * 1024;

/** How many lines of them. */
const headLines = 200;

const expected =
  'expected flow log text, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records';

/**
 * Tells what a file holds by how it begins.
 *
 * @param plain the formats that lines without a header have
 * @param isWhole whether there is nothing after the head
 */
export function fileKind(head: Buffer, isWhole: boolean, plain: readonly Format[]): Look | Unknown {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return { problem: 'it is UTF-16 text, expected UTF-8: convert it, such as with iconv -f UTF-16 -t UTF-8' };
  }
  if (head.includes(0)) return { problem: `it is no text, ${expected}` };
  const text = withoutMark(head);
  if (opensJson(text)) return jsonKind(text) ?? { problem: `it is JSON of something else, ${expected}` };
  const lines = firstLines(text, isWhole);
  const first = lines[0];
  if (first === undefined) {
    return {
      problem: isWhole ? 'it holds no line' : `it begins with a line of more than ${headBytes} bytes, ${expected}`,
    };
  }
  return headedLines(lines) ?? plainLines(lines, plain) ?? { problem: `it is no flow log, ${expected}` };
}

function firstLines(text: Buffer, isWhole: boolean): string[] {
  const lines = text.toString().split('\n');
  if (!isWhole) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, headLines);
}

/** Text without the byte order mark that Windows puts before it. */
export function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

function opensJson(text: Buffer): boolean {
  const first = text.find((byte) => byte > 0x20);
  return first === 0x7b || first === 0x5b;
}

function headedLines([first = '', ...texts]: readonly string[]): Look | Unknown | undefined {
  const header = headerOf(first);
  if (header) return lines({ header, hasOddVersion: hasOddVersion(texts, header) });
  const names = headerNames(first);
  const unknown = names.filter((name) => !fields.has(name));
  const isMeantAsHeader = names.length - unknown.length >= Math.max(2, names.length / 2);
  const stated = parseFormat(names.join(' '));
  if (!isMeantAsHeader || !('problem' in stated)) return undefined;
  return { problem: `its header cannot be read: ${stated.problem}` };
}

function plainLines(texts: readonly string[], plain: readonly Format[]): Look | undefined {
  const isExport = texts.filter((line) => exportStamp.test(line)).length > texts.length / 2;
  const bare = isExport ? texts.map((line) => line.replace(exportStamp, '')) : texts;
  if (bare.some((line) => parseLine(line, plain).kind === 'flow')) {
    return lines({ isExport, hasOddVersion: plain.length === 1 && hasOddVersion(bare, plain[0]!) });
  }
  const like = bare.filter(isLikeFlow);
  return like.length > bare.length / 2 ? lines({ isExport, problem: unfit(like[0]!, plain) }) : undefined;
}

interface Lines {
  readonly header?: Format;
  readonly isExport?: boolean;
  readonly hasOddVersion?: boolean;
  readonly problem?: string;
}

function lines({ header, isExport = false, hasOddVersion, problem }: Lines): Look {
  return {
    kind: isExport ? 'CloudWatch export' : 'flow log lines',
    header,
    named: [],
    hasRecords: false,
    hasPlainLines: !header,
    hasOddVersion,
    problem,
    read: lineReader(header, isExport),
  };
}

function hasOddVersion(texts: readonly string[], format: Format): boolean {
  return texts.some((text) => {
    const read = parseLine(text, [format]);
    const version = read.kind === 'flow' ? fieldOf(read.flow, 'version') : undefined;
    return version !== undefined && version !== String(format.version);
  });
}

/** Whether two words are such as flow logs have: an address, a Unix time, or a value of a field that has few. */
function isLikeFlow(line: string): boolean {
  const words = line.trim().split(/[ \t]+/);
  return words.filter((word) => flowWord.test(word) || canonicalAddress(word) !== undefined).length > 1;
}

const flowWord = /^(?:\d{10}|\d{13}|ACCEPT|REJECT|OK|NODATA|SKIPDATA)$/;

function unfit(line: string, plain: readonly Format[]): string {
  const read = parseLine(line, plain);
  const why = read.kind === 'unreadable' ? read.reason : 'it is a header';
  return `it has no header and its lines cannot be read: ${truncate(printable(why), 200)}; say with --format which fields they have`;
}
