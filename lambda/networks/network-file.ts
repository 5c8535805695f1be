import { endOfDay } from '../common/calendar.ts';
import { addressGroups, parseNetwork } from './ip-address.ts';
import { checkEntry, type NetworkEntry } from './network-entry.ts';

/** The entries of a network list file, and the lines that are invalid. */
export interface NetworkFile {
  readonly entries: readonly NetworkEntry[];
  /** The number of invalid lines. */
  readonly unreadable: number;
  /** The first invalid lines: line number, from 1, and problem, which has no text of the line. */
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

/** Longer than a line of the longest label and reason, with every character quoted. */
const maxLineLength = 2000;

/** A table of this size takes about 30 MB, and two exist while one replaces the other. */
const maxEntries = 200_000;

const maxProblems = 20;

const columns = ['network', 'label', 'reason', 'expires'];

/**
 * Reads a network list in the usual form of blocklists: one network in CIDR notation, or one address, a line. Never
 * throws.
 *
 * - `#` or `;` begins a comment, at the start of a line or after a network without columns. Empty lines are skipped.
 * - Columns are `network,label,reason,expires`, separated by commas. A first line of these words is skipped.
 * - A column with a comma or a double quote is quoted, and a double quote in it is doubled (RFC 4180 section 2). A
 *   column cannot have a line break.
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
    const entry =
      entries.length < maxEntries
        ? entryOf(line)
        : { problem: `the list is too long, expected at most ${maxEntries} networks` };
    if (!('problem' in entry)) {
      entries.push(entry);
      continue;
    }
    unreadable += 1;
    if (problems.length < maxProblems) problems.push({ line: number, problem: entry.problem });
  }
  return { entries, unreadable, problems };
}

/** Yields trimmed lines one by one, so that a file of line breaks takes no memory. */
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
    return { problem: `the line has ${line.length} characters, expected at most ${maxLineLength}` };
  const bare = /^[^\s,;#"]+(?=\s*[;#])/.exec(line)?.[0];
  const values = bare === undefined ? columnsOf(line) : [bare];
  if (values === undefined) return { problem: 'a double quote is misplaced, expected "..." around a whole column' };
  if (values.length > columns.length)
    return {
      problem: `the line has ${values.length} columns, expected ${columns.join(',')}; quote a column that has a comma`,
    };
  const [network = '', label, reason, expires] = values;
  const entry = checkEntry({ network, label, reason, expires });
  return 'problem' in entry ? { problem: problemOf(network, expires, entry.problem) } : entry;
}

/**
 * Returns the kind of an entry's problem without the entry's text: a problem goes to a terminal or a log, and the file
 * may be another one than its reader expects.
 */
function problemOf(network: string, expires: string | undefined, problem: string): string {
  if (addressGroups(network.replace(/\/.*$/s, '')) === undefined)
    return 'the network is invalid, expected one like 10.0.0.0/8 or fc00::/7';
  if ('problem' in parseNetwork(network))
    return 'the prefix length is invalid, expected at most 32 or 128, with no bits set after the prefix';
  if (expires && endOfDay(expires) === undefined) return 'expires is invalid, expected a day like 2026-12-31';
  return problem;
}

/** Returns the values of a line's columns; undefined if a quote is misplaced. */
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
