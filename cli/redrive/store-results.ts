import type { Invoke } from '../deployment/lambda-function.ts';
import type { FailedRecord } from '../flow-files/formats/firehose-error-object.ts';
import { callFunction, type Origin } from './invoke.ts';

/** What became of records that are passed on. */
export interface PassedOn {
  /** Their decoded lines, JSON, a line each. */
  readonly text: string;
  /** Those of which no line can be read, or one is too long for any answer. */
  readonly unreadable: readonly FailedRecord[];
}

/**
 * The most payload, in characters of base64, that is asked for whole and together with others: decoded, flows are ten
 * times as long at most, and the lines are fewer than a batch has room for (lambda/parse/read-records.ts). Lines that are no
 * flows may be longer, and leave no room for the records after them.
 */
const smallCharacters = 128 * 1024;

/** The most records that are asked for together, and the lines of one that are asked for at first. */
const recordsAtOnce = 500;
const linesAtOnce = 4000;

/** Every line that a small record can hold. */
const allLines = { from: 0, lines: smallCharacters };

/**
 * Has the function decode records without counting them. Small ones go together; one that is large or compressed goes
 * alone, some lines at a time, since its lines may be too many for an answer.
 *
 * @throws what `invoke` throws
 */
export async function passOn(records: readonly FailedRecord[], origin: Origin, invoke: Invoke): Promise<PassedOn> {
  const parts: string[] = [];
  const unreadable: FailedRecord[] = [];
  for (const group of groupsOf(records)) {
    const texts = isSmall(group[0]!)
      ? await wholeTexts(group, origin, invoke)
      : [await textInParts(group[0]!, origin, invoke)];
    for (const [index, text] of texts.entries()) {
      if (!text?.isWhole) unreadable.push(group[index]!);
      if (text) parts.push(text.text);
    }
  }
  return { text: parts.join(''), unreadable };
}

/** A gzip stream begins with 1f 8b (RFC 1952, 2.3.1), which is `H4s` in base64 with the method that all use. */
function isSmall({ data }: FailedRecord): boolean {
  return data.length <= smallCharacters && !data.startsWith('H4s');
}

function groupsOf(records: readonly FailedRecord[]): FailedRecord[][] {
  const groups: FailedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const last = groups.at(-1);
    const hasRoom = last && last.length < recordsAtOnce && record.data.length <= room && isSmall(last[0]!);
    if (hasRoom && isSmall(record)) {
      last.push(record);
      room -= record.data.length;
    } else {
      groups.push([record]);
      room = smallCharacters - record.data.length;
    }
  }
  return groups;
}

/** What a record gave. */
interface RecordText {
  readonly text: string;
  /** Whether all of its lines are in the text; one that is too long for any answer is not. */
  readonly isWhole: boolean;
}

async function wholeTexts(group: FailedRecord[], origin: Origin, invoke: Invoke): Promise<(RecordText | undefined)[]> {
  const answers = await callFunction(group, origin, invoke, allLines);
  const failed = group.filter((_, index) => answers[index]!.result === 'ProcessingFailed');
  const readable = await readableOf(failed, origin, invoke);
  const texts: (RecordText | undefined)[] = [];
  for (const [index, { result, data }] of answers.entries()) {
    if (result !== 'ProcessingFailed') texts.push({ text: textOf(data), isWhole: true });
    else if (readable.has(group[index]!)) texts.push(await textInParts(group[index]!, origin, invoke));
    else texts.push(undefined);
  }
  return texts;
}

/** Tells records without room in an answer from those of which nothing can be read: no lines of theirs have room in any. */
async function readableOf(records: FailedRecord[], origin: Origin, invoke: Invoke): Promise<Set<FailedRecord>> {
  if (records.length === 0) return new Set();
  const answers = await callFunction(records, origin, invoke, { from: 0, lines: 0 });
  return new Set(records.filter((_, index) => answers[index]!.result !== 'ProcessingFailed'));
}

/** The text of a record; undefined when no line of it can be read. */
async function textInParts(record: FailedRecord, origin: Origin, invoke: Invoke): Promise<RecordText | undefined> {
  const parts: string[] = [];
  let isReadable = false;
  let isWhole = true;
  let lines = linesAtOnce;
  for (let from = 0; ; ) {
    const [answer] = await callFunction([record], origin, invoke, { from, lines });
    if (answer!.result === 'Dropped') return { text: parts.join(''), isWhole };
    if (answer!.result === 'Ok') {
      isReadable = true;
      parts.push(textOf(answer!.data));
      from += lines;
      // One long line must not make all that follow it come one by one.
      lines = Math.min(linesAtOnce, lines * 8);
      continue;
    }
    isReadable ||= (await readableOf([record], origin, invoke)).size > 0;
    if (!isReadable) return undefined;
    if (lines > 1) lines = Math.ceil(lines / 8);
    else {
      isWhole = false;
      from += 1;
    }
  }
}

function textOf(data: string): string {
  return Buffer.from(data, 'base64').toString();
}
