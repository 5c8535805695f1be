import { SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clearSignals, countSignals, signalsText } from '../../../cli/redrive/failed-record-signals.ts';
import { failedPrefix } from '../../../cli/redrive/redrive-object.ts';
import { MemoryLake } from './memory-lake.ts';

const name = 'failed-records';
let server: FauxqsServer;
let sqs: SQSClient;
let url: string;
let lake: MemoryLake;
let count = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: 'us-east-1' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({
    region: 'us-east-1',
    credentials,
    endpoint: `http://127.0.0.1:${server.port}`,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  sqs.destroy();
  await server.stop();
});

beforeEach(() => {
  count += 1;
  url = server.createQueue(`${name}-${count}`).queueUrl;
  lake = new MemoryLake();
});

const keyOf = (place: string) => `${failedPrefix}day=2026-11-24/${place}`;

/** Sends the `detail.object` of the event of a new object (EventBridge Events Reference, "Amazon S3 events"). */
function signal(key: string): void {
  send(JSON.stringify({ key, size: 5, etag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer: '0064D3901D00059242' }));
}

function send(body: string): void {
  server.sendMessage(`${name}-${count}`, body);
}

/** Returns the bodies of the messages that another run could receive at once. */
function visible(): string[] {
  return server
    .inspectQueue(`${name}-${count}`)!
    .messages.ready.map(({ body }) => body)
    .sort();
}

describe('clearSignals', () => {
  it('deletes the messages of objects that are gone, twice sent ones too, and leaves the others visible', async () => {
    for (let n = 0; n < 23; n += 1) signal(keyOf(`gone ${n}`));
    signal(keyOf('gone 0'));
    signal(keyOf('s+1 ä'));
    lake.objects.set(keyOf('s+1 ä'), Buffer.from('x'));
    signal('errors/format-conversion-failed/day=2026-11-24/s-2');
    lake.objects.set('errors/format-conversion-failed/day=2026-11-24/s-2', Buffer.from('x'));

    expect(await clearSignals({ sqs, url, lake })).toEqual({ cleared: 24, left: 2 });
    expect(visible().map((body) => (JSON.parse(body) as { key: string }).key)).toEqual([
      'errors/format-conversion-failed/day=2026-11-24/s-2',
      keyOf('s+1 ä'),
    ]);
  });

  it('leaves a message that names no object', async () => {
    const bodies = ['', '[]', 'null', '{"key":5}', '{"Records":[]}', 'errors/'].filter(Boolean);
    for (const body of bodies) send(body);

    expect(await clearSignals({ sqs, url, lake })).toEqual({ cleared: 0, left: bodies.length });
    expect(visible()).toEqual(bodies.sort());
  });

  it('leaves the message of an object that was written after the objects were listed', async () => {
    signal(keyOf('late'));
    const exists = lake.exists.bind(lake);
    lake.exists = async (key) => {
      await lake.write(keyOf('late'), 'x');
      return exists(key);
    };

    expect(await clearSignals({ sqs, url, lake })).toEqual({ cleared: 0, left: 1 });
  });

  it('reports the problem and leaves the message when the lake does not answer', async () => {
    signal(keyOf('gone'));
    lake.exists = () => Promise.reject(new Error('access was denied'));

    const signals = await clearSignals({ sqs, url, lake });

    expect(signals).toEqual({ cleared: 0, left: 1, problem: 'access was denied' });
    expect(signalsText(signals)).toBe('signals cleared: 0, left: 1; not all were handled: access was denied\n');
    expect(visible()).toHaveLength(1);
  });

  it('reports the problem when the queue does not exist', async () => {
    const missing = { sqs, url: url.replace(/[^/]+$/, 'other'), lake };
    for (const signals of [await clearSignals(missing), await countSignals(missing)]) {
      expect(signals).toMatchObject({ cleared: 0, left: 0, problem: expect.stringMatching(/queue does not exist/) });
    }
  });

  it('reports that the stack is older when it has no queue', async () => {
    for (const signals of [
      await clearSignals({ sqs, url: undefined, lake }),
      await countSignals({ sqs, url: undefined, lake }),
    ]) {
      expect(signals.problem).toBe('the stack has no output FailedRecordsQueueUrl: deploy it again with this version');
    }
  });
});

describe('countSignals', () => {
  it('counts the messages and receives none', async () => {
    signal(keyOf('gone'));
    signal(keyOf('also gone'));

    expect(await countSignals({ sqs, url, lake })).toEqual({ cleared: 0, left: 2 });
    expect(visible()).toHaveLength(2);
  });
});
