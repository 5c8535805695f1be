import { describe, expect, it } from 'vitest';
import { demoCounting } from '../../../cli/samples/demo.ts';

describe('demoCounting', () => {
  it('names each value that flow-sentinel.json could replace', () => {
    expect(demoCounting({})).toEqual({ counting: 'direct' });
    expect(demoCounting({ counting: 'journal' })).toEqual({ counting: 'journal', countEvery: 5 });
    expect(demoCounting({ counting: 'journal', countEvery: 3 })).toEqual({ counting: 'journal', countEvery: 3 });
  });
});
