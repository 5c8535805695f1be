import { fields } from '../../lambda/flow-log/fields.ts';
import { sqlTokens } from './sql-tokens.ts';

/** A query for DuckDB. */
export interface QuotedQuery {
  readonly sql: string;
  /** Returns the index in the typed query for an index in `sql`. */
  readonly typedAt: (index: number) => number;
}

/** Columns whose names are reserved words of DuckDB. */
const reserved: ReadonlySet<string> = new Set(['start', 'end']);

/** Matches field names with a hyphen, the longest first: `instance-tag-2` before `instance-tag`. */
const hyphenated = new RegExp(
  `(?:${[...fields.keys()]
    .filter((name) => name.includes('-'))
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![\\w$\\u0080-\\uffff])`,
  'iy',
);

/** Words before a name or a value, after which `end` is a column and does not close a CASE. */
const opening: ReadonlySet<string> = new Set(
  (
    'select distinct all where and or not by having on when then else case between like ilike in is as from similar to ' +
    'escape glob qualify filter over partition limit offset any some exists with using'
  ).split(' '),
);

/**
 * Quotes the column names that DuckDB would reject: the reserved words `start` and `end`, and fields with a hyphen,
 * whose columns have `_`. An END of a CASE, texts, quoted names and comments stay unchanged, so a second run changes
 * nothing.
 */
export function quoteFieldNames(typed: string): QuotedQuery {
  const edits: { from: number; to: number; typedFrom: number; typedTo: number }[] = [];
  const open: ('case' | 'bracket')[] = [];
  let sql = '';
  /** Whether the expression so far is complete, so that only an operator or a closing word can follow. */
  let isComplete = false;
  let typedTo = 0;
  for (const { kind, text, at } of sqlTokens(typed)) {
    if (at < typedTo) continue;
    typedTo = at + text.length;
    if (kind === 'blank') {
      sql += text;
      continue;
    }
    let written = text;
    if (kind === 'word') {
      const word = text.toLowerCase();
      const name = fieldAt(typed, at);
      const closesCase = word === 'end' && isComplete && open.at(-1) === 'case';
      if (name !== undefined) {
        written = `"${name.replaceAll('-', '_')}"`;
        typedTo = at + name.length;
      } else if (reserved.has(word) && !closesCase) {
        written = `"${word}"`;
      }
      if (closesCase) open.pop();
      if (word === 'case' && written === text) open.push('case');
      isComplete = written !== text || !opening.has(word);
    } else {
      if (text === '(' || text === '[') open.push('bracket');
      if (text === ')' || text === ']') open.splice(Math.max(0, open.lastIndexOf('bracket')));
      isComplete = kind !== 'sign' || text === ')' || text === ']' || text === '?';
    }
    if (written !== text) {
      // Two adjacent quotes would continue the same name.
      if (sql.endsWith('"')) written = ` ${written}`;
      if (typed[typedTo] === '"') written = `${written} `;
      edits.push({ from: sql.length, to: sql.length + written.length, typedFrom: at, typedTo });
    }
    sql += written;
  }
  return { sql, typedAt: (index) => typedIndex(index, edits) };
}

/** Returns the hyphenated field name that begins at an index, in lower case; undefined if another text begins there. */
function fieldAt(sql: string, at: number): string | undefined {
  hyphenated.lastIndex = at;
  return hyphenated.exec(sql)?.[0].toLowerCase();
}

function typedIndex(
  index: number,
  edits: readonly { from: number; to: number; typedFrom: number; typedTo: number }[],
): number {
  const last = edits.findLast(({ from }) => from <= index);
  if (!last) return index;
  return index < last.to ? last.typedFrom : last.typedTo + index - last.to;
}
