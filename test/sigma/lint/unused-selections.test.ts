import { describe, expect, it } from 'vitest';
import { unusedSelections } from '../../../sigma/lint/unused-selections.ts';

const unusedIn = (text: string) => unusedSelections([{ path: 'a.yml', text }]);

describe('unusedSelections', () => {
  it('reports the location of a selection that no condition uses', () => {
    expect(unusedIn('detection:\n  a: {dstport: 1}\n  b: {dstport: 2}\n  condition: a')).toEqual([
      'a.yml:3: no condition uses b; remove it, or add it to the condition',
    ]);
    expect(unusedIn('filter:\n  rules: any\n  a: {dstport: 1}\n  b: {dstport: 2}\n  condition: not b')).toEqual([
      'a.yml:3: no condition uses a; remove it, or add it to the condition',
    ]);
  });

  it.each(['a and b', 'not (a or b)', '1 of them', 'all of *', '[a, b]', 'any of a or b'])(
    'finds a use of each selection in %s',
    (condition) => {
      const text = `detection: {a: {dstport: 1}, b: {dstport: 2}, _c: {dstport: 3}, condition: ${condition}}`;
      expect(unusedIn(text)).toEqual([]);
    },
  );

  it.each(['', '[', 'detection: 1', 'detection: {a: {}, condition: b}', '- detection'])(
    'reports nothing for %j',
    (text) => {
      expect(unusedIn(text)).toEqual([]);
    },
  );
});
