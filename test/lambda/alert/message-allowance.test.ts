import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byLevel, capsOf, grantMessages, minPerMinute } from '../../../lambda/alert/message-allowance.ts';
import { type Level, levels } from '../../../lambda/rules/level.ts';

const anyPerMinute = fc.oneof(fc.integer({ min: minPerMinute, max: 12 }), fc.constantFrom(60, 1000));
const anyWanted = fc.record(Object.fromEntries(levels.map((level) => [level, fc.nat(9)]))) as fc.Arbitrary<
  Record<Level, number>
>;

/** Grants messages to batches in sequence, and returns the sums of all grants by level. */
function grantAll(batches: readonly Readonly<Record<Level, number>>[], perMinute: number) {
  const earlier = byLevel(() => 0);
  const granted = byLevel(() => 0);
  for (const wanted of batches) {
    const grants = grantMessages(wanted, earlier, perMinute);
    for (const level of levels) {
      expect(grants[level]).toBeGreaterThanOrEqual(0);
      expect(grants[level]).toBeLessThanOrEqual(wanted[level]);
      earlier[level] += wanted[level];
      granted[level] += grants[level];
    }
  }
  return granted;
}

const sumOf = (numbers: Readonly<Record<Level, number>>, some: readonly Level[]) =>
  some.reduce((sum, level) => sum + numbers[level], 0);

describe('capsOf', () => {
  it('gives each level a fifth of the default limit that no less severe level can take', () => {
    expect(capsOf(60)).toEqual({ informational: 12, low: 24, medium: 36, high: 48, critical: 60 });
  });

  it('gives each level at least one message more than the level below, up to the limit', () => {
    fc.assert(
      fc.property(anyPerMinute, (perMinute) => {
        const caps = levels.map((level) => capsOf(perMinute)[level]);
        expect(caps.at(-1)).toBe(perMinute);
        for (const [index, cap] of caps.entries()) expect(cap).toBeGreaterThan(caps[index - 1] ?? 0);
      }),
    );
  });
});

describe('grantMessages', () => {
  it('stays within the cap of each level over any sequence of batches', () => {
    fc.assert(
      fc.property(fc.array(anyWanted, { maxLength: 12 }), anyPerMinute, (batches, perMinute) => {
        const granted = grantAll(batches, perMinute);
        for (const [index, level] of levels.entries()) {
          expect(sumOf(granted, levels.slice(0, index + 1))).toBeLessThanOrEqual(capsOf(perMinute)[level]);
        }
      }),
    );
  });

  it('grants a level its fifth whatever less severe levels wanted before', () => {
    fc.assert(
      fc.property(
        fc.array(anyWanted, { maxLength: 12 }),
        fc.constantFrom(...levels),
        fc.nat(200),
        anyPerMinute,
        (batches, level, wanted, perMinute) => {
          const index = levels.indexOf(level);
          const lower = batches.map((batch) => byLevel((one) => (levels.indexOf(one) < index ? batch[one] : 0)));
          const granted = grantAll([...lower, byLevel((one) => (one === level ? wanted : 0))], perMinute);
          const fifth = capsOf(perMinute)[level] - (index > 0 ? capsOf(perMinute)[levels[index - 1]!] : 0);
          expect(granted[level]).toBeGreaterThanOrEqual(Math.min(wanted, fifth));
        },
      ),
    );
  });

  it('grants everything while the sums of wanted messages stay within the caps', () => {
    fc.assert(
      fc.property(fc.array(anyWanted, { maxLength: 12 }), anyPerMinute, (batches, perMinute) => {
        const wanted = byLevel((level) => batches.reduce((sum, batch) => sum + batch[level], 0));
        fc.pre(levels.every((level, index) => sumOf(wanted, levels.slice(0, index + 1)) <= capsOf(perMinute)[level]));
        expect(grantAll(batches, perMinute)).toEqual(wanted);
      }),
    );
  });

  it('grants the most severe level first within a batch', () => {
    const all = byLevel(() => 60);
    expect(
      grantMessages(
        all,
        byLevel(() => 0),
        60,
      ),
    ).toEqual({ ...byLevel(() => 0), critical: 60 });
  });
});
