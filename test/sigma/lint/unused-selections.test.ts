import { describe, expect, it } from 'vitest';
import { unusedSelections } from '../../../sigma/lint/unused-selections.ts';

const unusedIn = (text: string) => unusedSelections([{ path: 'a.yml', text }]);

describe('unusedSelections', () => {
  it('names what no condition does, where it stands', () => {
    expect(unusedIn('detection:\n  a: {dstport: 1}\n  b: {dstport: 2}\n  condition: a')).toEqual([
      'a.yml:3: no condition names b, which then means nothing',
    ]);
    expect(unusedIn('filter:\n  rules: any\n  a: {dstport: 1}\n  b: {dstport: 2}\n  condition: not b')).toEqual([
      'a.yml:3: no condition names a, which then means nothing',
    ]);
  });

  it.each(['a and b', 'not (a or b)', '1 of them', 'all of *', '[a, b]', 'any of a or b'])(
    'finds all of them in %s',
    (condition) => {
      const text = `detection: {a: {dstport: 1}, b: {dstport: 2}, _c: {dstport: 3}, condition: ${condition}}`;
      expect(unusedIn(text)).toEqual([]);
    },
  );

  it.each(['', '[', 'detection: 1', 'detection: {a: {}, condition: b}', '- detection'])('has no word on %j', (text) => {
    expect(unusedIn(text)).toEqual([]);
  });
});
