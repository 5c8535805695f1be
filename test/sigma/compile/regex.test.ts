import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regexTester } from '../../../lambda/rules/regex-match.ts';
import { compileRegex } from '../../../sigma/compile/regex.ts';
import { byTier } from '../../support/tier.ts';

function finds(expression: string, text: string, insensitive = false): boolean {
  const regex = compileRegex(expression, insensitive);
  if ('problem' in regex) throw new Error(regex.problem);
  return regexTester(JSON.parse(JSON.stringify(regex)))(text);
}

/** Expressions of the complete flavour, built from the inside out. */
const { expression } = fc.letrec<{ expression: string; sequence: string; atom: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('sequence'),
    fc.array(tie('sequence'), { minLength: 2, maxLength: 3 }).map((all) => all.join('|')),
  ),
  sequence: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '{1,3}'))
        .map(([atom, times]) => atom + times),
      { maxLength: 4 },
    )
    .chain((parts) => fc.tuple(fc.constantFrom('', '', '^'), fc.constant(parts.join('')), fc.constantFrom('', '', '$')))
    .map((parts) => parts.join('')),
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'B', '1', '.', '\\.', '\\*', '\\\\', '-', 'é', '😀'),
    fc.constantFrom('[ab]', '[^ab]', '[a-z]', '[^a-z]', '[A-Z1]', '[.*-]', '[\\]^]', '[^\\\\]', '[😀é]'),
    tie('expression').map((inner) => `(${inner})`),
  ),
}));

const text = fc
  .array(fc.constantFrom('a', 'b', 'B', '1', '.', '*', '-', '\\', ']', '^', 'é', '😀'), { maxLength: 8 })
  .map((chars) => chars.join(''));

describe('compileRegex', () => {
  it('matches where JavaScript matches, with any flags', () => {
    fc.assert(
      fc.property(expression, text, fc.boolean(), fc.constantFrom('', 'm', 's', 'ms'), (source, value, isI, flags) => {
        fc.pre(source !== '' && source.length < 60);
        const regex = compileRegex(source, isI);
        fc.pre(!('problem' in regex && regex.problem.includes('it needs more than')));
        const oracle = new RegExp(source, `u${isI ? 'i' : ''}${flags}`);
        expect(finds(source, value, isI), source).toBe(oracle.test(value));
      }),
      { numRuns: byTier(500, 2000) },
    );
  });

  it('takes linear time for expressions that make backtracking engines hang', () => {
    expect(finds('^(a+)+$', `${'a'.repeat(4000)}b`)).toBe(false);
    expect(finds('(a|a|a)*b', 'a'.repeat(4000))).toBe(false);
    expect(finds('(a*)*(a*)*c', 'a'.repeat(4000))).toBe(false);
  });

  it.each([
    ['', 'it is empty'],
    ['(a', 'a ( is not closed'],
    ['a)', 'a ) is not opened'],
    ['[a', 'a [ is not closed'],
    ['[]', '[] is empty; write \\] for the character'],
    ['[z-a]', 'a range such as z-a is in the wrong order'],
    ['[[:alpha:]]', '[: is not supported; list the characters, such as [a-z]'],
    ['*a', '* has nothing before it to repeat'],
    ['a|+', '+ has nothing before it to repeat'],
    ['{2}', '{ has nothing before it to repeat; write \\{ for the character'],
    ['a{,2}', '{ does not begin a quantifier such as {2,5}; write \\{ for the character'],
    ['a{3,2}', 'the minimum of {3,2} exceeds its maximum'],
    ['a*?', '? follows a quantifier: lazy and possessive quantifiers are not supported'],
    ['a++', '+ follows a quantifier: lazy and possessive quantifiers are not supported'],
    ['^*', '^ and $ cannot be repeated'],
    ['(?:a)', '(? is not supported; write a group as (...)'],
    ['(?=a)', '(? is not supported; write a group as (...)'],
    ['\\d+', "\\d is not in Sigma's flavour; list the characters, such as [0-9]"],
    ['(a)\\1', "\\1 is not in Sigma's flavour; list the characters, such as [0-9]"],
    ['a\\', 'it ends in a backslash'],
    ['a{501}', 'it needs more than 500 steps'],
    ['((((a{9}){9}){9}){9}){9}', 'it needs more than 500 steps'],
    ['(((((){99}){99}){99}){99}){99}', 'it needs more than 500 steps'],
  ])('refuses %j with the reason', (source, reason) => {
    expect(compileRegex(source, false)).toEqual({
      problem: `the regular expression ${JSON.stringify(source)} is invalid: ${reason}`,
    });
  });

  it('refuses an expression of more than 1000 characters', () => {
    expect(compileRegex('('.repeat(1001), false)).toEqual({
      problem: expect.stringContaining('it is longer than 1000 characters'),
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|^$.\\-1,') }), (source) => {
        expect(typeof compileRegex(source, true)).toBe('object');
      }),
    );
  });
});
