import { describe, expect, it } from 'vitest';
import {
  batchTokenOf,
  type Counter,
  hasCounted,
  oldestTokenSlot,
  partToken,
  tokenSlots,
  unpackedSlots,
} from '../../../lambda/counters/counter.ts';
import { keyOf } from '../../../lambda/counters/delta.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const empty: Counter = {
  ...{ bytes: 0, rejects: 0, firstSeen: epoch, lastSeen: epoch },
  ...{ slots: new Map(), dedupTokens: new Map(), alertRecords: [], silences: new Map() },
};

describe('the dedup tokens of a counter', () => {
  const slot = Math.floor(epoch / 900);

  it('looks for the token of a batch in the arrival slots of an hour before and after', () => {
    expect(tokenSlots(epoch)).toEqual(Array.from({ length: 9 }, (_, n) => slot - 4 + n));
    expect(oldestTokenSlot(epoch + 899)).toBe(slot - 4);
    expect(oldestTokenSlot(epoch + 900)).toBe(slot - 3);
  });

  it('finds a token in the slots of an hour before and after its arrival only', () => {
    for (const [distance, expected] of [
      [-5, false],
      [-4, true],
      [0, true],
      [4, true],
      [5, false],
    ] as const) {
      const dedupTokens = new Map([[slot + distance, new Set(['AAAAAAAA'])]]);
      expect(hasCounted({ ...empty, dedupTokens }, 'AAAAAAAA', epoch)).toBe(expected);
      expect(hasCounted({ ...empty, dedupTokens }, 'AAAAAAAA', epoch + 899)).toBe(expected);
      expect(hasCounted({ ...empty, dedupTokens }, 'BBBBBBBB', epoch)).toBe(false);
    }
    const dedupTokens = new Map([
      [slot - 1, new Set(['BBBBBBBB'])],
      [slot, new Set(['AAAAAAAA'])],
    ]);
    expect(hasCounted({ ...empty, dedupTokens }, 'AAAAAAAA', epoch)).toBe(true);
    expect(hasCounted(empty, 'AAAAAAAA', epoch)).toBe(false);
  });

  it('name the part of a batch, except the first', () => {
    expect([0, 1, 35, 36].map((part) => partToken('AAAAAAAA', part))).toEqual([
      'AAAAAAAA',
      'AAAAAAAA1',
      'AAAAAAAAz',
      'AAAAAAAA10',
    ]);
    expect(batchTokenOf('AAAAAAAA10')).toBe('AAAAAAAA');
  });
});

describe('unpackedSlots', () => {
  const slots = new Map([
    [
      'ab',
      new Map([
        [1, 10],
        [2, 20],
        [3, 30],
      ]),
    ],
  ]);

  it('returns all slots of a series when none is packed', () => {
    expect(unpackedSlots({ ...empty, slots }, 'ab')).toEqual(slots.get('ab'));
    expect(unpackedSlots({ ...empty, slots }, 'cd')).toEqual(new Map());
    const others = { version: 1, bytes: 9, amounts: new Map([['cd', new Map([[1, 5]])]]), late: new Map() };
    expect(unpackedSlots({ ...empty, slots, packed: others }, 'ab')).toEqual(slots.get('ab'));
  });

  it('returns late amounts in place of packed slots', () => {
    const amounts = new Map([
      [
        'ab',
        new Map([
          [1, 6],
          [2, 20],
        ]),
      ],
    ]);
    const packed = { version: 1, bytes: 9, amounts, late: new Map([['ab', new Map([[1, 4]])]]) };
    expect(unpackedSlots({ ...empty, slots, packed }, 'ab')).toEqual(
      new Map([
        [3, 30],
        [1, 4],
      ]),
    );
    expect(unpackedSlots({ ...empty, slots, packed: { ...packed, late: new Map() } }, 'ab')).toEqual(
      new Map([[3, 30]]),
    );
  });
});

describe('keyOf', () => {
  it('has the values in the order of the rule, each of at most 256 characters', () => {
    const format = formatOf('srcaddr vpc-id end action');
    const correlation = 'type: event_count, group-by: [vpc-id, srcaddr], timespan: 1h, condition: {gt: 10}';
    const rules = rulesOf(ruleText('{action: REJECT}', correlation));
    const flow = flowOf({ 'vpc-id': `${'v'.repeat(256)}w`, action: 'REJECT' }, format);
    const [delta] = deltasOf([{ flow, arrival: epoch }], rules);
    expect(Object.entries(keyOf(rules.rules.get('rule_0')!, delta!))).toEqual([
      ['vpc-id', 'v'.repeat(256)],
      ['srcaddr', '10.0.1.5'],
    ]);
  });
});
