import { describe, expect, it } from 'vitest';
import { tacticOf } from '../../../../lambda/alert/ocsf/attack-tactics.ts';

describe('tacticOf', () => {
  it.each([
    ['stealth', { uid: 'TA0005', name: 'Stealth' }],
    ['defense-impairment', { uid: 'TA0112', name: 'Defense Impairment' }],
    ['defense-evasion', { uid: 'TA0005', name: 'Defense Evasion' }],
    ['toString', { name: 'toString' }],
  ])('returns the tactic of the tag %s', (tag, tactic) => {
    expect(tacticOf(tag)).toEqual(tactic);
  });
});
