import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteFieldNames } from '../../../cli/hunt/quote-field-names.ts';
import { sqlTokens } from '../../../cli/hunt/sql-tokens.ts';

const quoted = (sql: string) => quoteFieldNames(sql).sql;

describe('quoteFieldNames', () => {
  it.each([
    ['SELECT start, end FROM t', 'SELECT "start", "end" FROM t'],
    ['SELECT Start,END FROM t', 'SELECT "start","end" FROM t'],
    ['SELECT max(end) - min(start)', 'SELECT max("end") - min("start")'],
    ['WHERE f.end > 5', 'WHERE f."end" > 5'],
    ['SELECT bytes AS end', 'SELECT bytes AS "end"'],
    ['ORDER BY end DESC', 'ORDER BY "end" DESC'],
    ['SELECT account-id, tcp-flags FROM t', 'SELECT "account_id", "tcp_flags" FROM t'],
    ['SELECT Pkt-SrcAddr', 'SELECT "pkt_srcaddr"'],
    ['f.vpc-id', 'f."vpc_id"'],
    ['instance-tag-2, instance-tag', '"instance_tag_2", "instance_tag"'],
    ['tcp-flags-1', '"tcp_flags"-1'],
    ['SELECT bytes end FROM t', 'SELECT bytes "end" FROM t'],
    ['end-start', '"end"-"start"'],
    ['az-idx', 'az-idx'],
    ['starting, ended, the_end', 'starting, ended, the_end'],
  ])('quotes column names that DuckDB would reject: %s', (typed, expected) => {
    expect(quoted(typed)).toBe(expected);
  });

  it.each([
    ['CASE WHEN a THEN b END', 'CASE WHEN a THEN b END'],
    ['CASE WHEN end > 5 THEN end ELSE start END', 'CASE WHEN "end" > 5 THEN "end" ELSE "start" END'],
    ['CASE end WHEN 5 THEN 1 END AS end', 'CASE "end" WHEN 5 THEN 1 END AS "end"'],
    ["CASE WHEN a THEN 'x' END, end", 'CASE WHEN a THEN \'x\' END, "end"'],
    ['CASE WHEN a THEN CASE WHEN b THEN end END END', 'CASE WHEN a THEN CASE WHEN b THEN "end" END END'],
    ['CASE WHEN a IS NULL THEN max(end) END', 'CASE WHEN a IS NULL THEN max("end") END'],
    ['CASE WHEN (a OR end > 1) THEN NULL END', 'CASE WHEN (a OR "end" > 1) THEN NULL END'],
    ['CASE WHEN x IN (SELECT end FROM t) THEN x[1] END', 'CASE WHEN x IN (SELECT "end" FROM t) THEN x[1] END'],
    ['CASE WHEN (SELECT 1 end) = 1 THEN 2 END', 'CASE WHEN (SELECT 1 "end") = 1 THEN 2 END'],
    ['CASE WHEN a THEN 1 /* end */ END', 'CASE WHEN a THEN 1 /* end */ END'],
    ['CASE WHEN a THEN start END + end', 'CASE WHEN a THEN "start" END + "end"'],
  ])('distinguishes the column end from the END of a CASE: %s', (typed, expected) => {
    expect(quoted(typed)).toBe(expected);
  });

  it.each([
    "'end of start, account-id'",
    "'it''s the end'",
    String.raw`E'it\'s the end'`,
    '"end"',
    '"account-id"',
    '-- end\n',
    '/* start /* end */ end */',
    '$$ end $$',
    '$a$ end $b$ end $a$',
    "'end that is never closed",
  ])('quotes nothing in %s', (literal) => {
    expect(quoted(`SELECT ${literal}`)).toBe(`SELECT ${literal}`);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    'start',
    'END',
    'CASE',
    'WHEN',
    'THEN',
    'ELSE',
    'account-id',
    'f.',
    '(',
    ')',
    ',',
    '-',
    '?',
    '5',
    '1.5',
  ),
  fc.constantFrom(' ', '\n', '-- end\n', '/* end /* x */ end */', '/*', '*/', '$$', '$a$', "'", '"', "E'\\'end'"),
  fc.string({ maxLength: 4 }).map((text) => `'${text.replaceAll("'", "''")}'`),
  fc.string({ maxLength: 4 }).map((text) => `"${text.replaceAll('"', '""')}"`),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const anySql = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

/** An expression as typed, and its expected result. */
interface Written {
  readonly typed: string;
  readonly quoted: string;
}

const same = (text: string): Written => ({ typed: text, quoted: text });

/** Joins parts by texts that stay unchanged. */
function joined(texts: readonly string[], ...parts: readonly Written[]): Written {
  const by = (side: keyof Written) => texts.map((text, index) => `${text}${parts[index]?.[side] ?? ''}`).join('');
  return { typed: by('typed'), quoted: by('quoted') };
}

const { expression } = fc.letrec<{ expression: Written }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Written>(
      { typed: 'end', quoted: '"end"' },
      { typed: 'START', quoted: '"start"' },
      { typed: 'f.End', quoted: 'f."end"' },
      { typed: 'tcp-flags', quoted: '"tcp_flags"' },
      ...['bytes', "'end'", '5', '1.5', 'NULL', '?', '"end"', 'f."end"', 'max(bytes)'].map(same),
    ),
    fc
      .tuple(tie('expression'), tie('expression'), fc.constantFrom('+', '-', '||', '=', 'AND', 'or', '<', '::int %'))
      .map(([a, b, operator]) => joined(['', ` ${operator} `, ''], a, b)),
    tie('expression').map((one) => joined(['(', ')'], one)),
    tie('expression').map((one) => joined(['NOT ', ''], one)),
    tie('expression').map((one) => joined(['', ' IS NOT NULL'], one)),
    tie('expression').map((one) => joined(['CAST(', ' AS bigint)'], one)),
    tie('expression').map((one) => joined(['list[', ']'], one)),
    tie('expression').map((one) => joined(['(SELECT ', ' AS "end" FROM t)'], one)),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => joined(['least(', ', ', ')'], a, b)),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => joined(['', ' IN (', ')'], a, b)),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map((parts) => joined(['CASE WHEN ', ' THEN ', ' ELSE ', ' END'], ...parts)),
    fc.tuple(tie('expression'), tie('expression')).map((parts) => joined(['CASE WHEN ', ' THEN ', ' end'], ...parts)),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map((parts) => joined(['case ', ' when ', '\nthen ', ' /* end */ End'], ...parts)),
    fc.tuple(tie('expression'), tie('expression')).map((parts) => joined(['', ' BETWEEN 1 AND ', ''], ...parts)),
  ),
}));

describe('quoteFieldNames on any SQL', () => {
  it('distinguishes END from a column of that name in any expression', () => {
    fc.assert(
      fc.property(expression, ({ typed, quoted: expected }) => {
        expect(quoted(`SELECT ${typed} AS end FROM t`)).toBe(`SELECT ${expected} AS "end" FROM t`);
      }),
      { numRuns: 2000 },
    );
  });

  it('splits any text into tokens without loss', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        expect([...sqlTokens(sql)].map(({ text }) => text).join('')).toBe(sql);
      }),
      { numRuns: 1000 },
    );
  });

  it('never changes a text, a quoted name or a comment', () => {
    const literals = (sql: string) =>
      [...sqlTokens(sql)]
        .filter(({ kind, text }) => kind === 'literal' || (kind === 'blank' && text !== ' '))
        .map(({ text }) => text);
    fc.assert(
      fc.property(anySql, (sql) => {
        const added = new Set(['"start"', '"end"', '"account_id"']);
        const unchanged = (text: string) => literals(text).filter((literal) => !added.has(literal));
        expect(unchanged(quoted(sql))).toEqual(unchanged(sql));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same result when it is applied twice', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        expect(quoted(quoted(sql))).toBe(quoted(sql));
      }),
      { numRuns: 1000 },
    );
  });

  it('maps each index to the typed index', () => {
    fc.assert(
      fc.property(anySql, (typed) => {
        const { sql, typedAt } = quoteFieldNames(typed);
        const shown = [...sqlTokens(sql)].filter(({ text }) => !/^(?:"start"|"end"|"account_id"| )$/.test(text));
        for (const { text, at } of shown) expect(typed.slice(typedAt(at), typedAt(at) + text.length)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
