import { describe, expect, it } from 'vitest';
import { allParts, laneName, laneNumberOf, lanesOf, partOf, partsOfLane } from '../../../lambda/journal/lane.ts';

const keys = Array.from({ length: 20_000 }, (_, n) => `pair#10.${n >> 8}.${n & 255}.9#10.0.2.7`);

/** Returns the share of the fullest of `count` buckets, relative to an even share. */
function fullest(numbers: readonly number[], count: number): number {
  const sizes = new Map<number, number>();
  for (const number of numbers) sizes.set(number, (sizes.get(number) ?? 0) + 1);
  return (Math.max(...sizes.values()) * count) / numbers.length;
}

describe('lanes', () => {
  it.each([16, 128])('spread keys evenly over %i lanes', (lanes) => {
    const numbers = keys.map((pk) => laneNumberOf(pk, lanes, 'table'));
    expect(new Set(numbers).size).toBe(lanes);
    expect(Math.min(...numbers)).toBe(0);
    expect(fullest(numbers, lanes)).toBeLessThan(1.4);
  });

  it('spread the keys of one lane evenly over its parts', () => {
    const ofLane = keys.filter((pk) => laneNumberOf(pk, 16, 'table') === 3);
    const parts = ofLane.map((pk) => partOf(pk, 'table'));
    expect(new Set(parts).size).toBe(partsOfLane);
    expect(parts.reduce((all, part) => (all | part) >>> 0, 0)).toBe(allParts);
    expect(fullest(parts, partsOfLane)).toBeLessThan(1.8);
  });

  it('depend on the seed, so that nobody outside can aim at a lane', () => {
    const ofLane = keys.filter((pk) => laneNumberOf(pk, 16, 'table') === 3);
    expect(new Set(ofLane.map((pk) => laneNumberOf(pk, 16, 'another'))).size).toBe(16);
  });

  it('never change: journals hold pages by their numbers', () => {
    expect(['pair#10.0.1.5#10.0.2.7', 'src#2001:db8::1', 'group#a#ü'].map((pk) => laneNumberOf(pk, 128, 's'))).toEqual(
      expectedNumbers,
    );
    expect(lanesOf(16).map(laneName).at(-1)).toBe('16.15');
  });
});

const expectedNumbers = [113, 79, 99];
