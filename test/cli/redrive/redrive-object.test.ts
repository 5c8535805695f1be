import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotRun } from '../../../cli/deployment/lambda-function.ts';
import { redriveAll } from '../../../cli/redrive/redrive.ts';
import type { ExpiredAction } from '../../../cli/redrive/redrive-actions.ts';
import {
  begunPrefix,
  emptySummary,
  failedPrefix,
  type RedriveSettings,
  redriveObject,
  unreadablePrefix,
} from '../../../cli/redrive/redrive-object.ts';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { defaultFirehoseOptions, type ErrorRecord, runFirehose } from '../../../emulators/firehose.ts';
import { type SourceRecord, wrapLines } from '../../../emulators/firehose-event.ts';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore, type MemoryMaintenance } from '../../../emulators/memory-counter-store.ts';
import type { Alert } from '../../../lambda/alert/alert.ts';
import { defaultMessages } from '../../../lambda/config.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { transform } from '../../../lambda/pipeline.ts';
import { eagerCompaction } from '../../../tools/chaos/world.ts';
import { epoch, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { fewRules } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';
import { MemoryLake } from './memory-lake.ts';

const origin = { deliveryStreamArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/s', region: 'us-east-1' };
const retentionSeconds = 30 * 86_400;
const settings: RedriveSettings = {
  origin,
  expired: 'skip',
  overflowed: 'store',
  targetPrefix: 'redriven/',
  retentionSeconds,
};
const signal = new AbortController().signal;
const arrivedAt = epoch + 120;

/** A stream, the function, counters and a lake in memory. */
class World {
  readonly counters: MemoryCounterStore;
  readonly lake = new MemoryLake();
  readonly delivered: string[] = [];
  /** Returns, before each update, whether the update fails. */
  fails: () => boolean = () => false;
  invocations = 0;
  formats: readonly Format[] = [v2];
  now = arrivedAt + 600;
  readonly #alertState = new MemoryAlertStateStore();

  constructor(maintenance: MemoryMaintenance = {}) {
    this.counters = new MemoryCounterStore(fewRules.series, maintenance);
  }

  readonly invoke = async (event: object): Promise<unknown> => {
    this.invocations += 1;
    const { counters } = this;
    const ports = {
      counters: delegatingStore(counters, {
        add: (delta, batch) => {
          if (this.fails()) throw new Error('the table did not answer');
          return counters.add(delta, batch);
        },
      }),
      alertState: this.#alertState,
      alerts: { publish: async (alerts: readonly Alert[]) => ({ published: new Set(alerts), problems: [] }) },
      log: { report() {}, alert() {} },
      deadline: signal,
      closing: signal,
    };
    return transform(event, { formats: this.formats, rules: fewRules, messages: defaultMessages }, ports);
  };

  /** Sends records through the stream, and writes an error object for each batch, or for several, that it gives up. */
  async stream(source: readonly SourceRecord[], bufferBytes: number, batchesInObject = 1): Promise<void> {
    const errors: ErrorRecord[] = [];
    const output = {
      delivered: (data: Buffer) => this.delivered.push(...linesIn(data.toString())),
      dropped() {},
      failed: (error: ErrorRecord) => errors.push(error),
    };
    await runFirehose(source, this.invoke, output, { ...defaultFirehoseOptions, bufferBytes });
    const batches = [...Map.groupBy(errors, ({ attemptEndingTimestamp }) => attemptEndingTimestamp).values()];
    for (let n = 0; n < batches.length; n += batchesInObject) {
      const lines = batches.slice(n, n + batchesInObject).flat();
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const isGzip = n % 2 === 0;
      this.lake.objects.set(
        `${failedPrefix}day=2026-11-24/o-${n}${isGzip ? '.gz' : ''}`,
        isGzip ? gzipSync(text) : Buffer.from(text),
      );
    }
  }

  async redrive(more: Partial<RedriveSettings> = {}) {
    const ports = { lake: this.lake, invoke: this.invoke, now: () => this.now };
    return redriveAll(this.lake.keys(failedPrefix), { ...settings, ...more }, ports);
  }

  /** All decoded lines: delivered and redriven. */
  get decoded(): string[] {
    return [...this.delivered, ...this.lake.lines('redriven/')].sort();
  }

  get sums(): Record<string, Pick<Counter, 'bytes' | 'rejects' | 'firstSeen' | 'lastSeen' | 'slots'>> {
    return Object.fromEntries(
      [...this.counters.counters].map(([pk, { bytes, rejects, firstSeen, lastSeen, slots }]) => [
        pk,
        { bytes, rejects, firstSeen, lastSeen, slots },
      ]),
    );
  }
}

function linesIn(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

/** Creates records that arrive one after another, so that no two batches are given up at the same time. */
function sourceOf(lines: readonly string[], envelope: 'json' | 'cloudwatch' = 'json'): SourceRecord[] {
  return lines.flatMap((line, index) => wrapLines([line], envelope, arrivedAt * 1000 + index * 7));
}

const flows = (count: number) =>
  Array.from({ length: count }, (_, n) => lineOf({ dstaddr: `10.0.2.${n % 5}`, srcport: 1000 + n, bytes: 10 + n }));

/** Sends records through a stream whose function fails from the update `from` on. */
async function streamWithFailures(
  world: World,
  source: readonly SourceRecord[],
  from: number,
  bufferBytes = 400,
): Promise<void> {
  let updates = 0;
  world.fails = () => updates++ >= from;
  await world.stream(source, bufferBytes);
  world.fails = () => false;
}

describe('redriveObject', () => {
  it('leaves the same counters and lake as without faults, whichever updates fail and wherever a run stops', async () => {
    const anyLine = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ host: fc.nat(4), bytes: fc.nat(2000), action: fc.constantFrom('ACCEPT', 'REJECT') }),
      },
      { weight: 1, arbitrary: fc.constant('garbage') },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.constantFrom(120, 400, 1500),
        fc.constantFrom('json' as const, 'cloudwatch' as const),
        fc.array(fc.nat(9), { minLength: 30, maxLength: 60, size: 'max' }),
        fc.array(fc.nat(12), { maxLength: 5, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        async (all, bufferBytes, envelope, failing, stops, batchesInObject) => {
          const lines = all.map((one, n) =>
            typeof one === 'string'
              ? `${one} ${n}`
              : lineOf({ dstaddr: `10.0.2.${one.host}`, bytes: one.bytes, action: one.action, srcport: n }),
          );
          const source = sourceOf(lines, envelope);
          const faultless = new World();
          await faultless.stream(source, bufferBytes);
          await faultless.redrive();

          const world = new World();
          let updates = 0;
          world.fails = () => failing[updates++ % failing.length]! > 5;
          await world.stream(source, bufferBytes, batchesInObject);
          for (const [run, stop] of stops.entries()) {
            let changes = 0;
            world.lake.around = (carryOut) => {
              changes += 1;
              if (changes > stop && run % 2 === 0) throw new Error('stopped before');
              const value = carryOut();
              if (changes > stop) throw new Error('stopped after');
              return value;
            };
            await world.redrive();
          }
          world.fails = () => false;
          world.lake.around = (carryOut) => carryOut();
          expect(await world.redrive()).toMatchObject({ problems: [], recordsLeft: 0 });
          expect(world.sums).toEqual(faultless.sums);
          expect(world.decoded).toEqual(faultless.decoded);
          const garbage = lines.filter((line) => line.startsWith('garbage')).length;
          expect(world.lake.lines(unreadablePrefix)).toHaveLength(garbage);
          expect(world.lake.keys(failedPrefix)).toEqual([]);

          const before = new Map(world.lake.objects);
          const invocations = world.invocations;
          await world.redrive();
          expect({ objects: world.lake.objects, invocations: world.invocations }).toEqual({
            objects: before,
            invocations,
          });
        },
      ),
      { numRuns: byTier(40, 150) },
    );
  });

  it('counts a batch once when it is redriven weeks later, and later batches have touched the same counters', async () => {
    const eager = { finishing: { now: () => 0, attemptMilliseconds: 0 }, compaction: eagerCompaction };
    const totals = (world: World) =>
      new Map(
        Object.entries(world.sums).map(([pk, { bytes, rejects, firstSeen, lastSeen }]) => [
          pk,
          { bytes, rejects, firstSeen, lastSeen },
        ]),
      );
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 25 }), fc.nat(20), async (from, days, laterBatches) => {
        const later = Array.from({ length: laterBatches }, (_, n) => {
          const end = arrivedAt + Math.floor((days * 86_400 * (n + 1)) / laterBatches);
          const line = lineOf({ dstaddr: `10.0.2.${n % 5}`, bytes: 1, start: end, end });
          return wrapLines([line], 'json', end * 1000);
        });
        const run = async (world: World, failsFrom: number) => {
          await streamWithFailures(world, sourceOf(flows(40)), failsFrom);
          for (const source of later) await world.stream(source, 1_000_000);
          world.now = arrivedAt + days * 86_400;
          expect(await world.redrive()).toMatchObject({ problems: [], recordsLeft: 0 });
          return totals(world);
        };
        expect(await run(new World(eager), from)).toEqual(await run(new World(eager), Number.POSITIVE_INFINITY));
      }),
      { numRuns: byTier(30, 200) },
    );
  });

  it('stores records that overflowed a response without counting them again', async () => {
    const world = new World();
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      lineOf({ dstaddr: `10.0.2.${n % 5}`, bytes: 3, srcport: n }),
    );
    const logEvents = lines.map((message) => ({ message }));
    const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents }));
    await world.stream([{ data, arrival: arrivedAt * 1000 }], 1_000_000);
    expect(world.delivered).toEqual([]);
    const counted = world.sums;
    expect(await world.redrive()).toMatchObject({ recordsPassedOn: 1, recordsUnreadable: 0, problems: [] });
    expect(world.sums).toEqual(counted);
    expect(world.decoded).toHaveLength(20_000);
    expect(new Set(world.decoded).size).toBe(20_000);
  });

  it('stores records after a record whose lines that are not flows fill a response', async () => {
    const world = new World();
    const more = ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'region'];
    world.formats = [v2, ...more.map((_, n) => formatOf([...v2.names, ...more.slice(n)].join(' ')))];
    const junk = [...flows(1), ...Array.from({ length: 45_000 }, () => '\u0001')].join('\n');
    const texts = [junk, ...flows(3), 'garbage'];
    await streamWithFailures(
      world,
      texts.map((text) => ({ data: Buffer.from(text), arrival: arrivedAt * 1000 })),
      0,
      1_000_000,
    );
    world.now = arrivedAt + retentionSeconds;
    expect(await world.redrive({ expired: 'store' })).toMatchObject({ recordsPassedOn: 4, recordsUnreadable: 1 });
    expect(world.decoded.filter((line) => line.includes('"srcaddr"'))).toHaveLength(4);
    expect(world.decoded).toHaveLength(45_004);
    expect(world.lake.lines(unreadablePrefix)).toHaveLength(1);
  });

  it('stores the lines around a line that is too long for any response, and sets the record aside', async () => {
    const world = new World();
    const messages = [...flows(1), 'x'.repeat(5_000_000), ...flows(9000).slice(1)];
    const logEvents = messages.map((message) => ({ message }));
    const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents }));
    await world.stream([{ data, arrival: arrivedAt * 1000 }], 1_000_000);
    const before = world.invocations;
    expect(await world.redrive()).toMatchObject({ recordsUnreadable: 1, problems: [] });
    expect(world.invocations - before).toBeLessThan(40);
    expect(world.decoded).toHaveLength(9000);
    expect(world.lake.lines(unreadablePrefix)).toHaveLength(1);
  });

  it('sets unreadable records aside unchanged, and does not request them again', async () => {
    const world = new World();
    const bomb = { data: gzipSync('x'.repeat(1000)), arrival: arrivedAt * 1000 };
    await world.stream([...sourceOf(['garbage 1', 'garbage 2']), bomb], 1_000_000);
    world.lake.objects.set(`${failedPrefix}strange`, Buffer.from('no record\n'));
    expect(await world.redrive()).toMatchObject({ recordsUnreadable: 4, recordsPassedOn: 0, problems: [] });
    const setAside = world.lake.lines(unreadablePrefix);
    expect(setAside.filter((line) => line.includes('"rawData":'))).toHaveLength(3);
    expect(setAside).toContain('no record');
    expect(world.lake.keys('redriven/')).toEqual([]);
    expect(world.lake.keys(failedPrefix)).toEqual([]);
  });

  it('counts records once when a missing format made them unreadable and the option says so', async () => {
    const world = new World();
    const line = (n: number) => ({
      ...{ attemptsMade: 1, arrivalTimestamp: arrivedAt * 1000 + n, errorCode: 'Lambda.ProcessingFailedStatus' },
      rawData: Buffer.from(flows(9)[n]!).toString('base64'),
    });
    const text = Array.from({ length: 9 }, (_, n) => `${JSON.stringify(line(n))}\n`).join('');
    world.lake.objects.set(`${failedPrefix}o`, Buffer.from(text));
    world.now = arrivedAt + retentionSeconds;
    expect(await world.redrive({ overflowed: 'count' })).toMatchObject({ recordsCounted: 9, recordsPassedOn: 0 });
    world.lake.objects.set(`${failedPrefix}o`, Buffer.from(text));
    expect(await world.redrive({ overflowed: 'count' })).toMatchObject({ recordsCounted: 0, recordsDone: 9 });
    const faultless = new World();
    await faultless.stream(sourceOf(flows(9)), 1_000_000);
    expect(world.sums).toEqual(faultless.sums);
    expect(world.decoded).toEqual(faultless.decoded);
  });

  describe('of a batch that the table no longer remembers', () => {
    const late = async (choice: ExpiredAction) => {
      const world = new World();
      await streamWithFailures(world, sourceOf(flows(10)), 0);
      world.now = arrivedAt + retentionSeconds;
      return { world, outcome: await world.redrive({ expired: choice }) };
    };

    it('leaves the batch by default, and reports it', async () => {
      const { world, outcome } = await late('skip');
      expect(outcome).toMatchObject({ recordsLeft: 10, batchesCounted: 0, problems: [] });
      expect(world.lake.lines(failedPrefix)).toHaveLength(10);
      expect(world.counters.counters.size).toBe(0);
    });

    it('counts the batch when the option says so', async () => {
      const { world, outcome } = await late('count');
      const faultless = new World();
      await faultless.stream(sourceOf(flows(10)), 400);
      expect(outcome).toMatchObject({ recordsLeft: 0, recordsCounted: 10 });
      expect(world.sums).toEqual(faultless.sums);
      expect(world.decoded).toEqual(faultless.decoded);
      expect(world.lake.keys('errors/')).toEqual([]);
    });

    it('stores the batch without counting when the option says so', async () => {
      const { world, outcome } = await late('store');
      expect(outcome).toMatchObject({ recordsLeft: 0, recordsCounted: 0, recordsPassedOn: 10 });
      expect(world.counters.counters.size).toBe(0);
      expect(world.decoded).toHaveLength(10);
    });

    it('does not count the batch again, but can store it, when a run stopped in the middle', async () => {
      const world = new World();
      await streamWithFailures(world, sourceOf(flows(3)), 0, 1_000_000);
      world.now = arrivedAt + retentionSeconds;
      world.lake.around = (carryOut) => {
        if (world.counters.counters.size > 0) throw new Error('stopped');
        return carryOut();
      };
      expect(await world.redrive({ expired: 'count' })).toMatchObject({ problems: [{ problem: 'stopped' }] });
      world.lake.around = (carryOut) => carryOut();
      const counted = world.sums;
      expect(await world.redrive({ expired: 'count' })).toMatchObject({ recordsLeft: 3, batchesCounted: 0 });
      expect(await world.redrive({ expired: 'store' })).toMatchObject({ recordsLeft: 0, recordsPassedOn: 3 });
      expect(world.sums).toEqual(counted);
      expect(world.decoded).toHaveLength(3);
      expect(world.lake.keys('errors/')).toEqual([]);
    });

    it('removes the marker when the function was not run', async () => {
      const world = new World();
      await streamWithFailures(world, sourceOf(flows(3)), 0, 1_000_000);
      world.now = arrivedAt + retentionSeconds;
      const [key] = world.lake.keys(failedPrefix);
      const refuse = async () => {
        throw new NotRun('access was denied');
      };
      const ports = { lake: world.lake, invoke: refuse, now: () => world.now };
      await expect(redriveObject(key!, { ...settings, expired: 'count' }, ports, emptySummary())).rejects.toThrow(
        NotRun,
      );
      expect(world.lake.keys(begunPrefix)).toEqual([]);
      expect(await world.redrive({ expired: 'count' })).toMatchObject({ recordsLeft: 0, recordsCounted: 3 });
    });
  });

  it('keeps only the expired batch of an object when its other batch is in time', async () => {
    const world = new World();
    let updates = 0;
    world.fails = () => updates++ >= 0;
    const old = sourceOf(flows(2)).map(({ data, arrival }) => ({ data, arrival: arrival - retentionSeconds * 1000 }));
    await world.stream([...old, ...sourceOf(flows(4).slice(2))], 400, 2);
    world.fails = () => false;
    expect(world.lake.keys(failedPrefix)).toHaveLength(1);
    expect(await world.redrive()).toMatchObject({ recordsCounted: 2, recordsLeft: 2 });
    expect(world.lake.lines(failedPrefix)).toHaveLength(2);
    expect(await world.redrive({ expired: 'count' })).toMatchObject({ recordsCounted: 2, recordsLeft: 0 });
    expect(world.decoded).toHaveLength(4);
  });

  it('continues when one object fails, and stops when the function cannot be run', async () => {
    const world = new World();
    await streamWithFailures(world, sourceOf(flows(30)), 0, 120);
    const [first] = world.lake.keys(failedPrefix);
    world.lake.objects.set(first!, Buffer.from([0x1f, 0x8b, 0]));
    const outcome = await world.redrive();
    expect(outcome.problems).toMatchObject([{ key: first }]);
    expect(world.lake.keys(failedPrefix)).toEqual([first]);

    let invocations = 0;
    await streamWithFailures(world, sourceOf(flows(60).slice(30)), 0, 120);
    const invoke = async () => {
      invocations += 1;
      throw new NotRun('access was denied');
    };
    const keys = world.lake.keys(failedPrefix);
    const refused = await redriveAll(keys, settings, { lake: world.lake, invoke, now: () => world.now });
    expect(keys.length).toBeGreaterThan(10);
    expect(invocations).toBeLessThan(5);
    expect(refused.problems.length).toBeGreaterThan(0);
  });
});
