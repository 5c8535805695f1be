import { describe, expect, it } from 'vitest';
import { flowsOfLines, ManyNetworks, observedAt } from '../../../tools/bench/many-networks.ts';

const networks = new ManyNetworks(1);

const fieldOf = (lines: readonly { readonly line: string }[], field: number) =>
  lines.map(({ line }) => line.split(' ')[field]!);

describe('ManyNetworks', () => {
  it('makes a batch of the given number of flows, none of which two networks share an interface for', () => {
    const lines = networks.batch(300, 4, 1);

    expect(lines).toHaveLength(300);
    expect(flowsOfLines(lines).length).toBeGreaterThan(250);
    const vpcsOf = Map.groupBy(lines, ({ line }) => line.split(' ')[2]!);
    for (const ofInterface of vpcsOf.values()) {
      expect(new Set(fieldOf(ofInterface, 23).filter((vpc) => vpc !== '-')).size).toBeLessThanOrEqual(1);
    }
    expect(new Set(fieldOf(lines, 23)).size).toBeGreaterThan(30);
  });

  it('observes all networks at the same time, and each of its lines once in successive batches', () => {
    const batches = networks.batches(6, 20, 30, 3).toArray();

    expect(batches).toHaveLength(30);
    for (const [index, lines] of batches.entries()) {
      for (const { arrival } of lines) {
        expect(arrival).toBeGreaterThanOrEqual(observedAt + 20 * index);
        expect(arrival).toBeLessThan(observedAt + 20 * (index + 1));
      }
    }
    const [whole] = networks.batches(6, 600, 1, 3).toArray();
    expect(
      batches
        .flat()
        .map(({ line }) => line)
        .sort(),
    ).toEqual(whole!.map(({ line }) => line).sort());
    expect(whole!.length).toBeGreaterThan(1000);
  });
});
