import { describe, expect, it } from 'vitest';
import { mutated, mutationsOf } from '../../../tools/mutate/mutations.ts';

function changesOf(source: string): string[] {
  return mutationsOf(source).map((mutation) => mutated(source, mutation));
}

describe('mutationsOf', () => {
  it.each([
    ['a comparison', 'f = a < b;', ['f = a <= b;', 'f = a >= b;']],
    ['an equation', 'f = a === b;', ['f = a !== b;']],
    ['a sum', 'f = a + b;', ['f = a - b;']],
    ['an addition', 'a += b;', ['a -= b;']],
    ['a conjunction', 'f = a && b;', ['f = a || b;']],
    ['a default', 'f = a ?? b;', ['f = a;', 'f = b;']],
    ['a negation', 'f = !a;', ['f = a;']],
    ['a boolean', 'f = true;', ['f = false;']],
    ['a number', 'f = 7;', ['f = (8);', 'f = (6);']],
    ['a bigint', 'f = 7n;', ['f = 8n;']],
    ['a string', "f = 'a';", ["f = '';"]],
    ['an empty string', "f = '';", ["f = 'mutated';"]],
    ['a template', 'f = `a ${b}`;', ['f = `${b}`;']],
    ['a method', 'f = a.some;', ['f = a.every;']],
    ['the last argument', 'f = g(a, b,);', ['f = g(a);']],
    ['a choice', 'f = a ? b : c;', ['f = (a) ? (c) : (b);']],
  ])('changes %s', (_, source, changes) => {
    expect(changesOf(source).filter((change) => change !== ';')).toEqual(changes);
  });

  it('removes a statement, and swaps the branches of a condition', () => {
    expect(changesOf('function f() { if (a) return b; throw c; }')).toEqual([
      'function f() { if (!(a)) return b; throw c; }',
      'function f() { if (a) ; throw c; }',
      'function f() { if (a) return b; ; }',
    ]);
  });

  it('changes no import, no type, no name of a property and no directive', () => {
    const source = `'use strict';
      import { a } from './a.ts';
      export { b } from './b.ts';
      type C = 'x' | 1;
      const d: Record<'x', 1> = { 'e': a } as { 'e': 1 };
      interface F { g: 'h' }`;
    expect(changesOf(source)).toEqual([]);
  });

  it('changes an expression within a cast', () => {
    expect(changesOf('const a = (b! + c) as number;')).toEqual(['const a = (b! - c) as number;']);
  });

  it('leaves out a change that does not parse', () => {
    expect(changesOf('const a = f((b));')).toEqual([]);
  });
});
