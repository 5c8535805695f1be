import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultFirehoseOptions,
  type ErrorRecord,
  type FirehoseOptions,
  type FirehoseOutput,
  type Invoke,
  runFirehose,
} from '../../emulators/firehose.ts';
import { type FirehoseEvent, maxEventBytes, type SourceRecord } from '../../emulators/firehose-event.ts';

const recordOf = (text: string | Buffer, arrival = 0): SourceRecord => ({ data: Buffer.from(text), arrival });
const answerTo = ({ records }: FirehoseEvent, result = 'Ok') => ({
  records: records.map(({ recordId, data }) => ({ recordId, result, data })),
});

class Outputs implements FirehoseOutput {
  readonly ok: string[] = [];
  readonly droppedRecords: SourceRecord[] = [];
  readonly errors: ErrorRecord[] = [];
  readonly sources: SourceRecord[] = [];

  delivered(data: Buffer, source: SourceRecord): void {
    this.ok.push(data.toString());
    this.sources.push(source);
  }
  dropped(source: SourceRecord): void {
    this.droppedRecords.push(source);
    this.sources.push(source);
  }
  failed(error: ErrorRecord, source: SourceRecord): void {
    this.errors.push(error);
    this.sources.push(source);
  }
}

async function run(
  source: readonly SourceRecord[],
  invoke: Invoke,
  options: Partial<FirehoseOptions> = {},
): Promise<Outputs> {
  const outputs = new Outputs();
  await runFirehose(source, invoke, outputs, { ...defaultFirehoseOptions, ...options });
  return outputs;
}

describe('runFirehose', () => {
  it('ends a batch by the size of its payloads', async () => {
    const sizes: number[] = [];
    await run(
      Array.from({ length: 10 }, () => recordOf('x'.repeat(30))),
      async (event) => {
        sizes.push(event.records.length);
        return answerTo(event);
      },
      { bufferBytes: 100 },
    );
    expect(sizes).toEqual([3, 3, 3, 1]);
  });

  it('ends a batch by the time of arrival', async () => {
    const sizes: number[] = [];
    await run(
      [0, 30, 59, 60, 100, 300].map((second) => recordOf('x', second * 1000)),
      async (event) => {
        sizes.push(event.records.length);
        return answerTo(event);
      },
    );
    expect(sizes).toEqual([3, 2, 1]);
  });

  it('limits an event to Lambda’s maximum when the buffer is larger', async () => {
    const records = Array.from({ length: 12 }, () => recordOf(Buffer.alloc(900_000)));
    await run(
      records,
      async (event) => {
        expect(JSON.stringify(event).length).toBeLessThanOrEqual(maxEventBytes);
        return answerTo(event, 'Dropped');
      },
      { bufferBytes: 64 * 1024 * 1024 },
    );
  });

  it.each(['same', 'new'] as const)(
    'retries a failed batch three times with %s ids and the same content',
    async (idsOnRetry) => {
      const events: FirehoseEvent[] = [];
      const { errors } = await run(
        [recordOf('a'), recordOf('b')],
        async (event) => {
          events.push(event);
          throw new Error('out of order');
        },
        { idsOnRetry },
      );
      expect(events).toHaveLength(4);
      expect(new Set(events.map(({ invocationId }) => invocationId)).size).toBe(idsOnRetry === 'same' ? 1 : 4);
      expect(new Set(events.map(({ records }) => records.map(({ data }) => data).join())).size).toBe(1);
      expect(errors).toEqual(
        ['YQ==', 'Yg=='].map((rawData) => ({
          attemptsMade: 4,
          arrivalTimestamp: 0,
          errorCode: 'Lambda.FunctionError',
          errorMessage: 'out of order',
          attemptEndingTimestamp: 4000,
          rawData,
          lambdaARN: expect.stringMatching(/^arn:aws:lambda:/),
        })),
      );
    },
  );

  it.each([
    ['missing', () => undefined, 'has no records'],
    [
      'short of a record',
      (event: FirehoseEvent) => ({ records: answerTo(event).records.slice(1) }),
      'has 1 records, expected 2',
    ],
    [
      'with a record twice',
      ({ records }: FirehoseEvent) => ({
        records: [records[0], records[0]].map((record) => ({ ...record, result: 'Ok' })),
      }),
      'twice',
    ],
    [
      'with an unknown record',
      (event: FirehoseEvent) => ({
        records: answerTo(event).records.map((record, n) => ({ ...record, recordId: String(n) })),
      }),
      'lacks',
    ],
    ['with an unknown result', (event: FirehoseEvent) => answerTo(event, 'Fine'), 'the result "Fine"'],
    [
      'too long',
      (event: FirehoseEvent) => ({
        records: answerTo(event).records.map((record) => ({ ...record, data: 'x'.repeat(4_000_000) })),
      }),
      'too long',
    ],
  ])('fails a batch without a retry when the response is %s', async (_, answer, message) => {
    let calls = 0;
    const { errors } = await run([recordOf('a'), recordOf('b')], async (event) => {
      calls += 1;
      return answer(event);
    });
    expect(calls).toBe(1);
    expect(errors.map(({ errorMessage }) => errorMessage)).toEqual([
      expect.stringContaining(message),
      expect.stringContaining(message),
    ]);
  });

  it('runs as many concurrent invocations as allowed', async () => {
    let [running, maxRunning] = [0, 0];
    await run(
      Array.from({ length: 20 }, () => recordOf('x')),
      async (event) => {
        running += 1;
        maxRunning = Math.max(maxRunning, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return answerTo(event);
      },
      { bufferBytes: 1, concurrency: 5 },
    );
    expect(maxRunning).toBe(5);
  });

  it('delivers, drops or fails every record exactly once, whatever the function returns', async () => {
    const behavior = fc.constantFrom('Ok', 'Dropped', 'ProcessingFailed', 'throw', 'malformed', 'mixed');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(200_000)),
        fc.infiniteStream(behavior),
        fc.integer({ min: 1, max: 4 }),
        async (arrivals, behaviors, concurrency) => {
          const source = arrivals.sort((a, b) => a - b).map((arrival, n) => recordOf(`record ${n}`, arrival));
          const invoke: Invoke = async (event) => {
            const { value } = behaviors.next();
            if (value === 'throw') throw new Error('thrown');
            if (value === 'malformed') return {};
            const results = ['Ok', 'Dropped', 'ProcessingFailed'];
            const answer = answerTo(event, value === 'mixed' ? undefined : value);
            return value !== 'mixed'
              ? answer
              : { records: answer.records.map((record, n) => ({ ...record, result: results[n % 3] })).reverse() };
          };
          const { sources } = await run(source, invoke, { bufferBytes: 30, concurrency });
          expect(sources).toHaveLength(source.length);
          expect(new Set(sources)).toEqual(new Set(source));
        },
      ),
    );
  });
});
