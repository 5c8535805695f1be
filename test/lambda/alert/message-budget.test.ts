import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byLevel } from '../../../lambda/alert/message-allowance.ts';
import { requestOf } from '../../../lambda/alert/message-budget.ts';
import { levels, severeFirst } from '../../../lambda/rules/level.ts';

const none = byLevel(() => 0);

describe('requestOf', () => {
  it('requests a digest for each rule first, and then single alerts, the most severe level first', () => {
    const [least, most] = [
      { ...none, high: 2, low: 3 },
      { ...none, high: 9, low: 9 },
    ];
    expect(requestOf(least, most, 20)).toEqual(most);
    expect(requestOf(least, most, 10)).toEqual({ ...none, high: 7, low: 3 });
    expect(requestOf(least, most, 4)).toEqual({ ...none, high: 2, low: 2 });
    expect(requestOf(least, most, 1)).toEqual({ ...none, high: 1 });
    expect(requestOf(least, most, Number.POSITIVE_INFINITY)).toEqual(most);
  });

  it('equals a distribution of the messages one by one', () => {
    const number = fc.nat(5);
    const anyNumbers = fc
      .tuple(...levels.map(() => number))
      .map((all) => byLevel((level) => all[levels.indexOf(level)]!));
    fc.assert(
      fc.property(anyNumbers, anyNumbers, fc.nat(40), (least, more, perBatch) => {
        const most = byLevel((level) => least[level] + more[level]);
        const oneByOne = [least, more].flatMap((numbers) =>
          severeFirst.flatMap((level) => new Array<string>(numbers[level]).fill(level)),
        );
        const expected = byLevel((level) => oneByOne.slice(0, perBatch).filter((one) => one === level).length);
        expect(requestOf(least, most, perBatch)).toEqual(expected);
      }),
    );
  });
});
