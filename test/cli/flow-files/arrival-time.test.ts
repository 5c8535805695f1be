import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeInName, withArrivals } from '../../../cli/flow-files/arrival-time.ts';

async function arrivalsOf(times: readonly (number | undefined)[], cuts: readonly number[]): Promise<number[]> {
  const entries = times.map((arrival) => ({ data: Buffer.of(), arrival }));
  async function* batches() {
    const places = [0, ...cuts.map((at) => Math.min(at, times.length)).sort((a, b) => a - b), times.length];
    for (const [index, place] of places.entries()) yield entries.slice(place, places[index + 1] ?? place);
  }
  const arrivals: number[] = [];
  for await (const records of withArrivals(batches(), 7)) arrivals.push(...records.map(({ arrival }) => arrival));
  return arrivals;
}

describe('withArrivals', () => {
  it('assigns each record its own time or the previous one, never decreasing, regardless of the batches', async () => {
    const anyTime = fc.option(fc.integer({ min: 10, max: 50 }), { nil: undefined, freq: 2 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyTime), fc.array(fc.nat(20)), async (times, cuts) => {
        const first = times.find((time) => time !== undefined) ?? 7;
        let latest = first;
        const expected = times.map((time) => {
          latest = Math.max(latest, time ?? latest);
          return latest;
        });
        expect(await arrivalsOf(times, cuts)).toEqual(expected);
      }),
    );
  });

  it('waits for a time for at most 100 records', async () => {
    const times = [...Array<undefined>(150), 50];
    for (const cuts of [[], [99], [100], [101, 130], [150]]) {
      expect(await arrivalsOf(times, cuts)).toEqual([...Array(150).fill(7), 50]);
      expect(await arrivalsOf(times.slice(51), cuts)).toEqual(Array(100).fill(50));
    }
  });

  it('ignores a single time far ahead, so that no later record is late', async () => {
    const day = 86_400_000;
    const cases: [(number | undefined)[], number[]][] = [
      [
        [10, 11, 300 * day, undefined, 12, 13],
        [10, 11, 11, 11, 12, 13],
      ],
      [
        [300 * day, 10, 11],
        [10, 10, 11],
      ],
      [
        [10, 2 * day, 2 * day + 1, 2 * day],
        [10, 2 * day, 2 * day + 1, 2 * day + 1],
      ],
      [
        [10, 300 * day],
        [10, 300 * day],
      ],
    ];
    for (const [times, expected] of cases) {
      for (let at = 0; at <= times.length; at += 1) expect(await arrivalsOf(times, [at])).toEqual(expected);
    }
  });

  it('emits the records before a failure', async () => {
    async function* failing() {
      yield [{ data: Buffer.of(), arrival: undefined }];
      throw new Error('it is cut off');
    }
    const stream = withArrivals(failing(), 7);
    expect((await stream.next()).value).toEqual([]);
    expect((await stream.next()).value).toEqual([{ data: Buffer.of(), arrival: 7 }]);
    await expect(stream.next()).rejects.toThrow('it is cut off');
  });
});

describe('timeInName', () => {
  it.each([
    ['s3://b/AWSLogs/123456789012_vpcflowlogs_us-east-1_fl-0a_20261124T0905Z_4b2f.log.gz', '2026-11-24T09:05:00Z'],
    ['errors/2020-01-01-01-01-01-/flow-sentinel-1-2026-11-24-09-05-07-0a1b-2c3d', '2026-11-24T09:05:07Z'],
  ])('is that of %s', (name, time) => {
    expect(timeInName(name)).toBe(Date.parse(time));
  });

  it.each(['a.log', 'x_20261399T0905Z_y', '2026-11-24-09-05-07', 'day=2026-11-24/a.log'])(
    'finds no time in %s',
    (name) => {
      expect(timeInName(name)).toBeUndefined();
    },
  );
});
