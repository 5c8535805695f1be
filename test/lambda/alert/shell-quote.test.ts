import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../lambda/alert/shell-quote.ts';
import { printable } from '../../../lambda/common/text.ts';

describe('shellQuote', () => {
  it.each([
    ['srcaddr=10.0.1.5', 'srcaddr=10.0.1.5'],
    ["it's", "'it'\\''s'"],
    ['a b', "'a b'"],
    ['', "''"],
    ['*', "'*'"],
  ])('quotes %j as %j', (text, word) => {
    expect(shellQuote(text)).toBe(word);
  });

  it('makes one word that a shell reads as the printable text', () => {
    const anyWord = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '*', '~', '!', ';', 'a'))
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 50, maxLength: 50 }), (texts) => {
        const script = `printf '%s\\0' ${texts.map(shellQuote).join(' ')}`;
        const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
        expect(words).toEqual(texts.map((text) => printable(text).toWellFormed()));
      }),
      { numRuns: 5 },
    );
  });
});
