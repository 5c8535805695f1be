import type { Invoke } from '../deployment/lambda-function.ts';
import type { FailedRecord } from '../flow-files/formats/firehose-error-object.ts';
import { callFunction, type Origin } from './invoke.ts';

/** The decoded lines of records, and the records that stay unreadable. */
export interface PassedOn {
  /** The decoded lines, each a JSON object. */
  readonly text: string;
  /** Records without a readable line, or with a line that is too long for any response. */
  readonly unreadable: readonly FailedRecord[];
}

/**
 * The maximum payload, in characters of base64, of records that are decoded together. Decoded flows are at most ten times
 * as long, and their lines fit into the budget of a batch (lambda/parse/read-records.ts). Lines that are not flows may be
 * longer, and exhaust the response before the records after them.
 */
const maxSmallCharacters = 128 * 1024;

/** The maximum number of records in a request, and the lines of a large record in its first request. */
const maxRecordsAtOnce = 500;
const maxLinesAtOnce = 4000;

/** Requests every line that a small record can have. */
const allLines = { from: 0, lines: maxSmallCharacters };

/**
 * Lets the function decode records without counting them. Small records share requests. A large or compressed record gets
 * requests for some lines at a time, because its lines may exceed a response.
 *
 * @throws the error of `invoke`
 */
export async function passOn(records: readonly FailedRecord[], origin: Origin, invoke: Invoke): Promise<PassedOn> {
  const parts: string[] = [];
  const unreadable: FailedRecord[] = [];
  for (const group of groupsOf(records)) {
    const texts = isSmall(group[0]!)
      ? await textsOfGroup(group, origin, invoke)
      : [await textInParts(group[0]!, origin, invoke)];
    for (const [index, text] of texts.entries()) {
      if (!text?.isComplete) unreadable.push(group[index]!);
      if (text) parts.push(text.text);
    }
  }
  return { text: parts.join(''), unreadable };
}

/** A gzip stream begins with 1f 8b (RFC 1952, 2.3.1), which is `H4s` in base64 with the method that all use. */
function isSmall({ data }: FailedRecord): boolean {
  return data.length <= maxSmallCharacters && !data.startsWith('H4s');
}

function groupsOf(records: readonly FailedRecord[]): FailedRecord[][] {
  const groups: FailedRecord[][] = [];
  let remaining = 0;
  for (const record of records) {
    const last = groups.at(-1);
    const fits = last && last.length < maxRecordsAtOnce && record.data.length <= remaining && isSmall(last[0]!);
    if (fits && isSmall(record)) {
      last.push(record);
      remaining -= record.data.length;
    } else {
      groups.push([record]);
      remaining = maxSmallCharacters - record.data.length;
    }
  }
  return groups;
}

/** The decoded text of a record. */
interface RecordText {
  readonly text: string;
  /** False if a line was too long for any response. */
  readonly isComplete: boolean;
}

async function textsOfGroup(
  group: FailedRecord[],
  origin: Origin,
  invoke: Invoke,
): Promise<(RecordText | undefined)[]> {
  const answers = await callFunction(group, origin, invoke, allLines);
  const failed = group.filter((_, index) => answers[index]!.result === 'ProcessingFailed');
  const readable = await readableOf(failed, origin, invoke);
  const texts: (RecordText | undefined)[] = [];
  for (const [index, { result, data }] of answers.entries()) {
    if (result !== 'ProcessingFailed') texts.push({ text: textOf(data), isComplete: true });
    else if (readable.has(group[index]!)) texts.push(await textInParts(group[index]!, origin, invoke));
    else texts.push(undefined);
  }
  return texts;
}

/** Returns the records that the function can read, though they did not fit: a request for no lines fits any response. */
async function readableOf(records: FailedRecord[], origin: Origin, invoke: Invoke): Promise<Set<FailedRecord>> {
  if (records.length === 0) return new Set();
  const answers = await callFunction(records, origin, invoke, { from: 0, lines: 0 });
  return new Set(records.filter((_, index) => answers[index]!.result !== 'ProcessingFailed'));
}

/** Decodes a record some lines at a time. Returns undefined if no line of the record is readable. */
async function textInParts(record: FailedRecord, origin: Origin, invoke: Invoke): Promise<RecordText | undefined> {
  const parts: string[] = [];
  let isReadable = false;
  let isComplete = true;
  let lines = maxLinesAtOnce;
  for (let from = 0; ; ) {
    const [answer] = await callFunction([record], origin, invoke, { from, lines });
    if (answer!.result === 'Dropped') return { text: parts.join(''), isComplete };
    if (answer!.result === 'Ok') {
      isReadable = true;
      parts.push(textOf(answer!.data));
      from += lines;
      // After one long line, the following lines must not be requested one by one.
      lines = Math.min(maxLinesAtOnce, lines * 8);
      continue;
    }
    isReadable ||= (await readableOf([record], origin, invoke)).size > 0;
    if (!isReadable) return undefined;
    if (lines > 1) lines = Math.ceil(lines / 8);
    else {
      isComplete = false;
      from += 1;
    }
  }
}

function textOf(data: string): string {
  return Buffer.from(data, 'base64').toString();
}
