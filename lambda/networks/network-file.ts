import { checkedEntry, type NetworkEntry } from './network-entry.ts';

/** What a list of networks in a file says, and what in it could not be read. */
export interface NetworkFile {
  readonly entries: readonly NetworkEntry[];
  /** How many lines could not be read. */
  readonly unreadable: number;
  /** The first of them: their numbers, from 1, and what is wrong. */
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

/** The longest line that two texts of an entry can make, quoted. */
const maxLineLength = 2000;

/** The most networks of a list: a table of them takes some 30 MB, and there are two while it is replaced. */
const maxEntries = 200_000;

/** More problems than people read at once. */
const maxProblems = 20;

const columns = ['network', 'label', 'reason', 'expires'];

/**
 * Reads a list of networks as blocklists are published: a network in CIDR notation, or an address, a line. Never throws.
 *
 * - `#` or `;` begins a comment, at the start of a line or behind a network that stands alone. Empty lines are skipped.
 * - A network may be followed by columns with commas between them: `network,label,reason,expires`; a first line of
 *   just these words is skipped.
 * - A column that holds a comma or a double quote stands in double quotes, and a double quote in it is written twice
 *   (RFC 4180 section 2, but for line breaks).
 */
export function readNetworkFile(text: string): NetworkFile {
  const entries: NetworkEntry[] = [];
  const problems: { line: number; problem: string }[] = [];
  let unreadable = 0;
  let number = 0;
  let isFirst = true;
  for (const line of linesOf(text)) {
    number += 1;
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const isSkipped = isFirst && isHeader(line);
    isFirst = false;
    if (isSkipped) continue;
    const entry = entries.length < maxEntries ? entryOf(line) : { problem: `more than ${maxEntries} networks` };
    if (!('problem' in entry)) {
      entries.push(entry);
      continue;
    }
    unreadable += 1;
    if (problems.length < maxProblems) problems.push({ line: number, problem: entry.problem });
  }
  return { entries, unreadable, problems };
}

/** One at a time, so that a file of nothing but line breaks takes no memory. */
function* linesOf(text: string): Generator<string> {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start <= text.length) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, stop).trim();
    start = stop + 1;
  }
}

function isHeader(line: string): boolean {
  return (
    line.length <= 100 && (columnsOf(line)?.every((word, index) => word.toLowerCase() === columns[index]) ?? false)
  );
}

function entryOf(line: string): NetworkEntry | { readonly problem: string } {
  if (line.length > maxLineLength)
    return { problem: `the line has ${line.length} characters, at most ${maxLineLength}` };
  const alone = /^[^\s,;#"]+(?=\s*[;#])/.exec(line)?.[0];
  const values = alone === undefined ? columnsOf(line) : [alone];
  if (values === undefined)
    return { problem: 'a double quote where none can be, expected "..." around a whole column' };
  if (values.length > columns.length)
    return { problem: `${values.length} columns, expected ${columns.join(',')}; one that holds a comma in quotes` };
  const [network = '', label, reason, expires] = values;
  return checkedEntry({ network, label, reason, expires });
}

/** The values between a line's commas; undefined where its quotes make no sense. */
function columnsOf(line: string): string[] | undefined {
  const column = /\s*"((?:[^"]|"")*)"\s*(,|$)|([^",]*)(,|$)/y;
  const values: string[] = [];
  for (;;) {
    const match = column.exec(line);
    if (!match) return undefined;
    const [, quoted, afterQuoted, plain = '', afterPlain] = match;
    values.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if ((afterQuoted ?? afterPlain) === '') return values;
  }
}
