import { describe, expect, it } from 'vitest';
import { itemSize, writeUnits } from '../../../lambda/count/item-size.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import { pairKey } from '../../../lambda/counters/counter-key.ts';
import type { SlotValue } from '../../../lambda/counters/window.ts';

const counter: Counter = {
  bytes: 1200,
  rejects: 7,
  firstSeen: 1_795_510_801,
  lastSeen: 1_795_510_899,
  slots: new Map<string, Map<number, SlotValue>>([
    ['0', new Map([[36, 123]])],
    ['1', new Map([[36, new Set(['22', '443'])]])],
  ]),
  dedupTokens: new Map([[36, new Set(['abcdefgh'])]]),
  alertRecords: [],
  silences: new Map(),
};

describe('itemSize', () => {
  it('returns the billed size: names, bytes of text, and one byte per two digits plus one', () => {
    // pk and pair#10.0.0.1#10.0.0.2; src, dst; bytes 12e2, rejects 7; three times of ten digits.
    const head = 2 + 22 + 3 + 8 + 3 + 8 + 5 + 2 + 7 + 2 + 9 + 6 + 8 + 6 + 9 + 6;
    // s0:10 with 123, s1:10 with 22 and 443; t:10 with eight letters.
    const [slots, tokens] = [5 + 3 + 5 + 5, 4 + 8];
    expect(itemSize(pairKey('10.0.0.1', '10.0.0.2'), counter)).toEqual({
      ...{ head, slots, tokens, alerts: 0 },
      total: head + slots + tokens,
    });
  });
});

describe('writeUnits', () => {
  it.each([
    [1, 1],
    [1024, 1],
    [1025, 2],
    [4500, 5],
  ])('bills %d bytes as %d units', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });
});
