import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../../../cli/hunt/shell/statements.ts';

describe('splitStatements', () => {
  it.each([
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2'], ''],
    ['SELECT 1;\nSELECT', ['SELECT 1'], '\nSELECT'],
    ['SELECT \';\' AS a, ";" FROM b; c', ['SELECT \';\' AS a, ";" FROM b'], ' c'],
    ['SELECT 1 -- ; \n;', ['SELECT 1 -- ;'], ''],
    ['/* ; /* ; */ ; */ SELECT 1; ', ['/* ; /* ; */ ; */ SELECT 1'], ''],
    ['SELECT $a$;$a$;', ['SELECT $a$;$a$'], ''],
    ["SELECT 'open;", [], "SELECT 'open;"],
    [' ; ;; -- nothing\n;', [], ''],
    ['', [], ''],
  ])('splits %j', (sql, complete, rest) => {
    expect(splitStatements(sql)).toEqual({ complete, rest });
  });

  it('gives the same statements when the text comes line by line', () => {
    const piece = fc.constantFrom('SELECT 1', ';', '\n', "'a;b'", '"c;d"', ' ', "'open");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join(' ');
        let rest = '';
        const complete: string[] = [];
        for (const line of text.split('\n')) {
          const split = splitStatements(`${rest}${line}\n`);
          complete.push(...split.complete);
          rest = split.rest;
        }
        const whole = splitStatements(`${text}\n`);
        expect(complete.map((one) => one.trim())).toEqual(whole.complete.map((one) => one.trim()));
        expect(rest.trim()).toBe(whole.rest.trim());
      }),
    );
  });
});
