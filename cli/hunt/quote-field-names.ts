import { fields } from '../../lambda/flow-log/fields.ts';
import { sqlTokens } from './sql-tokens.ts';

/** A query as DuckDB takes it. */
export interface QuotedQuery {
  readonly sql: string;
  /** The place in what was typed, of a place in `sql`. */
  readonly typedAt: (place: number) => number;
}

/** Columns whose names are words of DuckDB's SQL. */
const reserved: ReadonlySet<string> = new Set(['start', 'end']);

/** The fields of flow logs with a hyphen in their names, the longest first: `instance-tag-2` before `instance-tag`. */
const hyphenated = new RegExp(
  `(?:${[...fields.keys()]
    .filter((name) => name.includes('-'))
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![\\w$\\u0080-\\uffff])`,
  'iy',
);

/** Words after which a name or a value comes, so that `end` is no end of CASE. */
const opening: ReadonlySet<string> = new Set(
  (
    'select distinct all where and or not by having on when then else case between like ilike in is as from similar to ' +
    'escape glob qualify filter over partition limit offset any some exists with using'
  ).split(' '),
);

/**
 * Puts the names of columns that DuckDB would not take into double quotes: `start` and `end`, which are words of SQL, and
 * fields with a hyphen as AWS writes them, which become those with `_`. An END that closes a CASE stays; so do texts,
 * names in quotes and comments. What is quoted already comes out as it is.
 */
export function quoteFieldNames(typed: string): QuotedQuery {
  const edits: { from: number; to: number; typedFrom: number; typedTo: number }[] = [];
  const open: ('case' | 'bracket')[] = [];
  let sql = '';
  /** Whether what stands before is complete, so that nothing but an operator or the end of something can follow. */
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
      // Quotes that touch would be one name.
      if (sql.endsWith('"')) written = ` ${written}`;
      if (typed[typedTo] === '"') written = `${written} `;
      edits.push({ from: sql.length, to: sql.length + written.length, typedFrom: at, typedTo });
    }
    sql += written;
  }
  return { sql, typedAt: (place) => typedPlace(place, edits) };
}

/** The field with a hyphen that is written there, in small letters. */
function fieldAt(sql: string, at: number): string | undefined {
  hyphenated.lastIndex = at;
  return hyphenated.exec(sql)?.[0].toLowerCase();
}

function typedPlace(
  place: number,
  edits: readonly { from: number; to: number; typedFrom: number; typedTo: number }[],
): number {
  const last = edits.findLast(({ from }) => from <= place);
  if (!last) return place;
  return place < last.to ? last.typedFrom : last.typedTo + place - last.to;
}
