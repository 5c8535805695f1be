import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotedNames } from '../../../cli/hunt/quoted-names.ts';
import { sqlTokens } from '../../../cli/hunt/sql-tokens.ts';

const quoted = (sql: string) => quotedNames(sql).sql;

describe('names of columns', () => {
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
    ['end-start', '"end"-"start"'],
    ['az-idx', 'az-idx'],
    ['starting, ended, the_end', 'starting, ended, the_end'],
  ])('are quoted where DuckDB asks for it: %s', (typed, expected) => {
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
    ['CASE WHEN a THEN 1 /* end */ END', 'CASE WHEN a THEN 1 /* end */ END'],
    ['CASE WHEN a THEN start END + end', 'CASE WHEN a THEN "start" END + "end"'],
  ])('are told from the END of a CASE: %s', (typed, expected) => {
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
  ])('are none in %s', (literal) => {
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

describe('quoting', () => {
  it('loses nothing in taking a text apart', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        expect([...sqlTokens(sql)].map(({ text }) => text).join('')).toBe(sql);
      }),
      { numRuns: 1000 },
    );
  });

  it('never alters a text, a quoted name or a comment', () => {
    const literals = (sql: string) =>
      [...sqlTokens(sql)]
        .filter(({ kind, text }) => kind === 'literal' || (kind === 'blank' && text !== ' '))
        .map(({ text }) => text);
    fc.assert(
      fc.property(anySql, (sql) => {
        const added = new Set(['"start"', '"end"', '"account_id"']);
        const kept = (text: string) => literals(text).filter((literal) => !added.has(literal));
        expect(kept(quoted(sql))).toEqual(kept(sql));
      }),
      { numRuns: 1000 },
    );
  });

  it('comes to the same when done twice', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        expect(quoted(quoted(sql))).toBe(quoted(sql));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows where each place was typed', () => {
    fc.assert(
      fc.property(anySql, (typed) => {
        const { sql, typedAt } = quotedNames(typed);
        const shown = [...sqlTokens(sql)].filter(({ text }) => !/^(?:"start"|"end"|"account_id"| )$/.test(text));
        for (const { text, at } of shown) expect(typed.slice(typedAt(at), typedAt(at) + text.length)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
