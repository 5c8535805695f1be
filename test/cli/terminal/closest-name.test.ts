import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../../cli/terminal/closest-name.ts';

const known = ['repeated_rejects', 'beaconing', 'lateral_movement'];

describe('didYouMean', () => {
  it.each([
    ['repeated_reject', '; did you mean repeated_rejects?'],
    ['repeeted-rejects', '; did you mean repeated_rejects?'],
    ['baeconing', '; did you mean beaconing?'],
    ['dns', ''],
    ['', ''],
  ])('names the closest name of %s, if one is close', (given, hint) => {
    expect(didYouMean(given, known)).toBe(hint);
    expect(didYouMean(given, [])).toBe('');
  });
});
