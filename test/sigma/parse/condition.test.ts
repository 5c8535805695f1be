import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Predicate } from '../../../lambda/rules/model.ts';
import { parseCondition } from '../../../sigma/parse/condition.ts';

const named = (name: string): Predicate => ({ field: name, tests: [] });
const selections = new Map(['a', 'b', 'c', 'other', '_hidden'].map((name) => [name, named(name)]));
const [a, b, c] = ['a', 'b', 'c'].map(named) as [Predicate, Predicate, Predicate];

describe('parseCondition', () => {
  it.each([
    ['a', a],
    ['a and b', { all: [a, b] }],
    ['a or b', { any: [a, b] }],
    ['not a', { not: a }],
    ['a or b and c', { any: [a, { all: [b, c] }] }],
    ['(a or b) and c', { all: [{ any: [a, b] }, c] }],
    ['a and not b', { all: [a, { not: b }] }],
    ['not (a or b)', { not: { any: [a, b] } }],
    ['NOT a AND b', { all: [{ not: a }, b] }],
    ['1 of them', { any: [a, b, c, named('other')] }],
    ['all of them', { all: [a, b, c, named('other')] }],
    ['any of o*', { any: [named('other')] }],
    ['1 of *th*r', { any: [named('other')] }],
    ['1 of *', { any: [a, b, c, named('other')] }],
    ['1 of _*', { any: [named('_hidden')] }],
    ['_hidden', named('_hidden')],
    ['not 1 of o*', { not: { any: [named('other')] } }],
    ['not not a', { not: { not: a } }],
    ['all of a and b', { all: [{ all: [a] }, b] }],
  ])('parses %s', (text, predicate) => {
    expect(parseCondition(text, selections)).toEqual(predicate);
  });

  it.each([
    ['', 'expected a selection at the end, one of a, b, c, other'],
    ['d', 'expected a selection at "d"'],
    ['a and', 'expected a selection at the end'],
    ['(a', 'expected ")" at the end'],
    ['a b', 'expected and, or, or the end at "b"'],
    ['a)', 'at ")"'],
    ['2 of them', '"2 of" is not supported'],
    ['1 of x*', 'no selection matches "x*"'],
    ['1 of', 'expected a selection at the end'],
    ['a | count() > 5', 'use a correlation'],
    ['__proto__', 'expected a selection at "__proto__"'],
    ['('.repeat(5000), 'longer than 4096 characters'],
  ])('refuses %j with the reason', (text, part) => {
    expect(parseCondition(text, selections)).toEqual({ problem: expect.stringContaining(part) });
  });

  it('never throws for any nesting', () => {
    const token = fc.constantFrom('a', 'b', 'and', 'or', 'not', '(', ')', '1', 'of', 'them', 'all');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 1000 }), (tokens) => {
        expect(typeof parseCondition(tokens.join(' '), selections)).toBe('object');
      }),
    );
    expect(parseCondition(`${'('.repeat(2000)}a${')'.repeat(2000)}`, selections)).toEqual(a);
  });
});
