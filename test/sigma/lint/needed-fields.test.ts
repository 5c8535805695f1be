import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf, atLeast, eitherOf, isSeen, type NeededFields, neededText } from '../../../sigma/lint/needed-fields.ts';

const fields = fc.subarray(['action', 'bytes', 'tcp-flags', 'vpc-id']);
const anyNeeded = fc.array(fields, { maxLength: 4 }).map((all) => eitherOf([all]));

/** Returns whether a thing works for flows that also have some fields. */
function works(needed: NeededFields, added: readonly string[]): boolean {
  return needed.some((alternative) => alternative.every((field) => added.includes(field)));
}

describe('needed fields', () => {
  it('combine as the things that need them do when fields are added', () => {
    fc.assert(
      fc.property(fc.array(anyNeeded, { maxLength: 4 }), fc.nat({ max: 5 }), fields, (all, count, added) => {
        const working = all.filter((one) => works(one, added)).length;
        expect(works(eitherOf(all), added)).toBe(working > 0);
        expect(works(allOf(all), added)).toBe(working === all.length);
        expect(works(atLeast(count, all), added)).toBe(working >= count);
      }),
    );
  });

  it('have no alternative that contains another', () => {
    expect(eitherOf([[['action', 'bytes']], [['bytes']], [['action']]])).toEqual([['action'], ['bytes']]);
    expect(isSeen(eitherOf([[['action']], [[]]]))).toBe(true);
  });

  it('stay few when a rule has millions of alternatives', () => {
    const either = Array.from({ length: 20 }, (_, index): NeededFields => [[`a${index}`], [`b${index}`]]);
    expect(allOf(either).length).toBeLessThanOrEqual(32);
  });

  it('lists the alternatives as a sentence', () => {
    expect(neededText([['action'], ['bytes', 'tcp-flags']])).toBe('action or bytes and tcp-flags');
  });
});
