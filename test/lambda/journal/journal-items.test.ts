import { describe, expect, it } from 'vitest';
import { readState, readTaken, writeTaken } from '../../../lambda/journal/journal-items.ts';
import { epoch } from '../../support/flows.ts';

const lane = { lanes: 16, number: 3 };
const freeze = { number: 2, attempt: 'aaaaaaaa' };
const taken = {
  ...{ freeze, previous: { freeze: { number: 1, attempt: 'bbbbbbbb' }, until: epoch }, until: epoch + 300 },
  parts: new Map([['ABCDEFGHabcdefgh', 0xffff_ffff]]),
};

describe("the journal's items", () => {
  it('are refused when a later release wrote them, with their key and the remedy', () => {
    const later = { ...writeTaken(lane, taken), version: { N: '2' } };
    const message = expect.stringMatching(/taken#16\.3 0000000002#aaaaaaaa has version 2, expected 1; deploy/);
    expect(() => readTaken(later)).toThrow(expect.objectContaining({ code: 'PAGE_VERSION', message }));
    const state = { pk: { S: 'lane#16.3' }, sk: { S: 'state' }, freeze: { S: '0000000002#aaaaaaaa' } };
    expect(() => readState({ ...state, version: { N: '2' } })).toThrow(/lane#16\.3 state has version 2/);
    expect(readState({ ...state, version: { N: '1' } })).toMatchObject({ freeze });
  });
});
