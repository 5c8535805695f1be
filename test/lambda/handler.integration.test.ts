import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { geoTableBytes } from '../../cli/geo/geo-table-bytes.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { createHandler, type Handler } from '../../lambda/handler.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { expectAlertBody } from '../support/alert-schema.ts';
import { directed, epoch, eventOf, lineOf } from '../support/flows.ts';
import { type Laptop, laptopOn, rulesFile } from '../support/handler-on-laptop.ts';
import { monitored, networks, readLists, ruleSetOf, ruleText } from '../support/rules.ts';
import { sharedStack } from '../support/shared-stack.ts';
import { emptyContent } from './geo/source-ranges.ts';

const stack = sharedStack();
let laptop: Laptop;

beforeEach(() => {
  laptop = laptopOn(stack());
});
afterEach(() => {
  for (const { body } of laptop.alerts()) expectAlertBody(JSON.parse(body));
});

const rejected = (count: number, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) => lineOf({ action: 'REJECT', srcport: 40_000 + n, ...values }));

/** Makes calls fail before the request, or after the response, while `fails` returns true. */
function breakCalls(client: 'dynamoDb' | 'sns', when: 'before' | 'after', fails: (command: string) => boolean): void {
  laptop.clients[client].middlewareStack.add(
    ((next: (args: object) => Promise<object>, context: { commandName?: string }) => async (args: object) => {
      const failing = fails(context.commandName ?? '');
      const error = Object.assign(new Error('the connection was reset'), { name: 'ECONNRESET' });
      if (failing && when === 'before') throw error;
      const response = await next(args);
      if (failing) throw error;
      return response;
    }) as never,
    { step: 'initialize', name: 'broken', override: true },
  );
}

const repairCalls = (client: 'dynamoDb' | 'sns') => laptop.clients[client].middlewareStack.remove('broken');

describe('the handler', () => {
  it('counts, alerts and responds', async () => {
    const { records } = await laptop.send(eventOf([...rejected(11), lineOf({ bytes: 4000 })]));
    expect(records.map(({ result }) => result)).toEqual(new Array(12).fill('Ok'));
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 4000, rejects: 11 });
    const [alert, ...others] = laptop.alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      attributes: { rule: 'repeated_rejects', level: 'medium', account: '123456789012', region: 'us-east-1' },
    });
    expectAlertBody(JSON.parse(alert!.body));
  });

  it('calls the table once per counter and twice per batch, whatever the number of records', async () => {
    const calls: string[] = [];
    breakCalls('dynamoDb', 'before', (command) => {
      calls.push(command);
      return false;
    });
    const callsOf = async (pairs: number, recordsPerPair: number, arrival: number) => {
      calls.length = 0;
      const line = (n: number) => lineOf({ 'interface-id': '-', dstaddr: `10.0.2.${n % pairs}` });
      await laptop.send(
        eventOf(
          Array.from({ length: pairs * recordsPerPair }, (_, n) => line(n)),
          arrival,
        ),
      );
      return Object.fromEntries(
        Object.entries(Object.groupBy(calls, (call) => call)).map(([call, all]) => [call, all!.length]),
      );
    };
    await callsOf(1, 2, epoch + 60);
    // Once a minute it also reads the re-evaluation queues.
    expect(await callsOf(1, 1, epoch + 120)).toEqual({ UpdateItemCommand: 1 + 2, BatchGetItemCommand: 1 });
    expect(await callsOf(1, 200, epoch + 180)).toEqual({ UpdateItemCommand: 1 + 2, BatchGetItemCommand: 1 });
    expect(await callsOf(40, 5, epoch + 240)).toEqual({ UpdateItemCommand: 40 + 2, BatchGetItemCommand: 1 });
  });

  it('counts and alerts once when the same event arrives three times with different ids', async () => {
    const event = eventOf(rejected(11));
    const first = await laptop.send(event);
    expect(await laptop.send(event)).toEqual(first);
    const renamed = event.records.map((record) => ({ ...record, recordId: `other-${record.recordId}` }));
    await laptop.send({ ...event, invocationId: 'other', records: renamed });
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ rejects: 11 });
    expect(laptop.alerts()).toHaveLength(1);
  });

  it('distinguishes flows without a time by their arrival', async () => {
    laptop = laptopOn(stack(), 'srcaddr dstaddr bytes action');
    for (const minute of [0, 1, 2, 2]) await laptop.send(eventOf(['10.0.0.1 10.0.0.2 40 ACCEPT'], epoch + minute * 60));
    expect(await laptop.counter('pair#10.0.0.1#10.0.0.2')).toMatchObject({ bytes: 120 });
  });

  it('fails exactly the unreadable records in a batch of 500', async () => {
    const garbage = new Set([3, 99, 250, 251, 499]);
    const lines = Array.from({ length: 500 }, (_, n) => (garbage.has(n) ? `garbage ${n}` : lineOf({ bytes: 1 })));
    const { records } = await laptop.send(eventOf(lines));
    const failed = records.flatMap(({ result }, index) => (result === 'ProcessingFailed' ? index : []));
    expect(failed).toEqual([...garbage]);
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 495 });
  });

  it('counts a flow once when both endpoints log it', async () => {
    laptop = laptopOn(stack(), directed.names.join(' '), monitored(compileRuleDirectory()));
    const both = ['egress', 'ingress'].map((direction) => lineOf({ 'flow-direction': direction }, directed));
    await laptop.send(eventOf(both));
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 1000 });
  });

  it('counts exactly when any update failed and the batch was retried', async () => {
    const lines = Array.from({ length: 6 }, (_, n) => lineOf({ dstaddr: `10.0.2.${n}`, bytes: 7 }));
    for (const when of ['before', 'after'] as const) {
      for (let failing = 0; failing < 6; failing += 1) {
        const event = eventOf(
          lines.map((line) => line.replace(' 50000 ', ` ${failing + (when === 'after' ? 100 : 200)} `)),
        );
        let calls = 0;
        breakCalls('dynamoDb', when, (command) => command === 'UpdateItemCommand' && calls++ === failing);
        await expect(laptop.send(event)).rejects.toMatchObject({ code: 'COUNT_FAILED' });
        repairCalls('dynamoDb');
        await laptop.send(event);
      }
    }
    for (let n = 0; n < 6; n += 1)
      expect(await laptop.counter(`pair#10.0.1.5#10.0.2.${n}`)).toMatchObject({ bytes: 12 * 7 });
  });

  it('fails the batch when the topic is unreachable, and publishes at the retry', async () => {
    breakCalls('sns', 'before', () => true);
    await expect(laptop.send(eventOf(rejected(11)))).rejects.toMatchObject({ code: 'ALERT_FAILED' });
    expect(laptop.alerts()).toEqual([]);
    repairCalls('sns');
    await laptop.send(eventOf(rejected(11)));
    expect(laptop.alerts()).toHaveLength(1);
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ rejects: 11 });
  });

  it('publishes again with the same id when the response of the topic was lost', async () => {
    breakCalls('sns', 'after', () => true);
    await expect(laptop.send(eventOf(rejected(11)))).rejects.toMatchObject({ code: 'ALERT_FAILED' });
    repairCalls('sns');
    await laptop.send(eventOf(rejected(11)));
    const ids = laptop.alerts().map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]);
  });

  it('sends one alert when two batches pass the threshold at the same time', async () => {
    const batches = [rejected(11), rejected(9, { start: epoch + 1 })];
    await Promise.all(batches.map((lines) => laptop.send(eventOf(lines))));
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ rejects: 20 });
    expect(laptop.alerts()).toHaveLength(1);
  });

  it('counts a long batch in several updates and evaluates them in order of time', async () => {
    const lines = Array.from({ length: 400 }, (_, n) =>
      lineOf({ action: 'REJECT', srcaddr: '203.0.113.7', start: epoch + n * 200, end: epoch + n * 200 }),
    );
    await laptop.send(eventOf(lines, epoch + 90_000));
    await laptop.send(eventOf(lines, epoch + 90_000));
    expect(await laptop.counter('pair#203.0.113.7#10.0.2.7')).toMatchObject({ rejects: 400 });
    const rules = laptop.alerts().map(({ attributes }) => attributes.rule);
    expect(new Set(rules)).toEqual(new Set(['rejects_from_suspicious_ranges', 'repeated_rejects']));
  });

  it('sends the pending alert of an earlier batch, and the alert of a later episode', async () => {
    breakCalls('sns', 'before', () => true);
    const early = eventOf(rejected(11));
    await expect(laptop.send(early)).rejects.toMatchObject({ code: 'ALERT_FAILED' });
    repairCalls('sns');
    const later = epoch + 7 * 3600;
    await laptop.send(eventOf(rejected(11, { start: later, end: later }), later + 60));
    await laptop.send(early);
    const windows = laptop.alerts().map(({ body }) => (JSON.parse(body) as { window: { to: number } }).window.to);
    expect(windows.map((to) => Math.round((to - epoch) / 3600))).toEqual([0, 7]);
  });

  it('asks for a retry when the alert of another episode is claimed at the same time', async () => {
    const later = epoch + 7 * 3600;
    const early = eventOf(rejected(11));
    const late = eventOf(rejected(11, { start: later, end: later }), later + 60);
    const send = async (event: ReturnType<typeof eventOf>) => {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const outcome = await laptop.send(event).catch((error: { code: string }) => error);
        if ('records' in outcome) return;
        expect(outcome.code).toBe('ALERT_FAILED');
      }
      throw new Error('the batch failed four times');
    };
    await Promise.all([send(late), send(early)]);
    const windows = laptop.alerts().map(({ body }) => (JSON.parse(body) as { window: { to: number } }).window.to);
    expect(windows.some((to) => to > later)).toBe(true);
  });

  it('sends many alerts over several attempts, and none twice', async () => {
    const pairs = Array.from({ length: 8 }, (_, n) => rejected(11, { srcaddr: `10.5.0.${n}` })).flat();
    const large = Array.from({ length: 9 }, (_, n) =>
      lineOf({ srcaddr: `10.6.0.${n}`, dstaddr: '198.18.0.9', bytes: 200_000_000 }),
    );
    const event = eventOf([...pairs, ...large]);
    let calls = 0;
    breakCalls('sns', 'before', () => ++calls > 1);
    await expect(laptop.send(event)).rejects.toMatchObject({ code: 'ALERT_FAILED' });
    const first = laptop.alerts().length;
    expect(first).toBeGreaterThan(0);
    repairCalls('sns');
    await laptop.send(event);
    const ids = laptop.alerts().map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(ids).toHaveLength(17);
    expect(new Set(ids).size).toBe(17);
  });

  it.each([
    ['endless nesting', `{"messageType":"DATA_MESSAGE","logEvents":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['millions of values', `{"messageType":"DATA_MESSAGE","logEvents":[${'{},'.repeat(3_000_000)}{}]}`],
    [
      'millions of lines',
      JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: 'x\n'.repeat(3_000_000) }] }),
    ],
  ])('fails a record with %s and counts the other records', async (_, text) => {
    const event = eventOf([lineOf({ bytes: 3 })]);
    const hostile = { ...event.records[0]!, recordId: 'hostile', data: gzipSync(text).toString('base64') };
    const { records } = await laptop.send({ ...event, records: [hostile, ...event.records] });
    expect(records.map(({ result }) => result)).toEqual(['ProcessingFailed', 'Ok']);
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 3 });
  });

  it('responds to a batch with gzip bombs and counts the other records', async () => {
    const bomb = gzipSync(
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        logEvents: [{ message: `${lineOf({ dstaddr: '10.0.9.9' })}\n`.repeat(150_000) }],
      }),
    );
    const event = eventOf([lineOf({ bytes: 3 })]);
    const bombs = [1, 2, 3].map((n) => ({
      ...event.records[0]!,
      recordId: `bomb-${n}`,
      data: bomb.toString('base64'),
    }));
    const { records } = await laptop.send({ ...event, records: [...bombs, ...event.records] });
    expect(records.map(({ result }) => result)).toEqual([
      'ProcessingFailed',
      'ProcessingFailed',
      'ProcessingFailed',
      'Ok',
    ]);
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 3 });
    expect(await laptop.counter('pair#10.0.1.5#10.0.9.9')).toMatchObject({ bytes: 150_000_000 });
  });

  it('adds a flow with an impossible time to totals, and neither to windows nor to suppressions', async () => {
    const impossible = lineOf({ action: 'REJECT', srcaddr: '203.0.113.9', end: 9_999_999_999 });
    await laptop.send(eventOf([impossible, ...rejected(3)]));
    expect(laptop.alerts()).toEqual([]);
    const { rejects, lastSeen } = (await laptop.counter('pair#203.0.113.9#10.0.2.7'))!;
    expect(rejects).toBe(1);
    expect(lastSeen).toBeLessThan(epoch + 2 * 86_400);
    await laptop.send(eventOf([lineOf({ action: 'REJECT', srcaddr: '203.0.113.9' }), ...rejected(2, { srcport: 1 })]));
    expect(laptop.alerts()).toHaveLength(1);
  });

  it('counts nothing until a network list in S3 is read, and then matches with that list', async () => {
    const rules = ruleSetOf(
      [
        ruleText(
          "{dstaddr|cidr|expand: '%threats%'}",
          'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}',
        ),
      ],
      readLists("threats: {s3: 's3://some-bucket/threats.csv'}"),
    );
    const handler = createHandler({ ...laptop.environment, RULES_FILE: rulesFile(rules) }, laptop.clients);
    const send = () =>
      handler(eventOf([lineOf({ dstaddr: '203.0.113.7' })]), { getRemainingTimeInMillis: () => 300_000 });
    await expect(send()).rejects.toMatchObject({ code: 'LIST_FAILED' });
    expect(await laptop.items()).toEqual([]);
    const s3 = await laptop.clients.s3();
    await s3.send(new CreateBucketCommand({ Bucket: 'some-bucket' }));
    await s3.send(new PutObjectCommand({ Bucket: 'some-bucket', Key: 'threats.csv', Body: '203.0.113.0/24,bot\n' }));
    await send();
    expect(laptop.alerts().map(({ attributes }) => attributes.rule)).toEqual(['rule_0']);
  });

  it('counts without countries until the geo table in S3 is read, and then alerts by country', async () => {
    const rules = ruleSetOf(
      [
        ruleText(
          '{dst_country: DE}',
          'type: event_count, group-by: [srcaddr, dst_country], timespan: 1h, condition: {gte: 1}',
        ),
      ],
      networks,
    );
    const environment = { ...laptop.environment, RULES_FILE: rulesFile(rules), GEO_TABLE: 's3://some-bucket/geo.bin' };
    const sendTo = (handler: Handler) =>
      handler(eventOf([lineOf({ dstaddr: '198.51.100.3' })]), { getRemainingTimeInMillis: () => 300_000 });
    await sendTo(createHandler(environment, laptop.clients));
    expect(laptop.alerts()).toEqual([]);
    expect(await laptop.counter('pair#10.0.1.5#198.51.100.3')).toMatchObject({ bytes: 1000 });
    const s3 = await laptop.clients.s3();
    await s3.send(new CreateBucketCommand({ Bucket: 'some-bucket' }));
    const content = {
      ...emptyContent,
      networks: { ipv4: [{ first: 0xc633_6400n, last: 0xc633_64ffn, country: 'DE', asn: 64_496 }], ipv6: [] },
    };
    await s3.send(new PutObjectCommand({ Bucket: 'some-bucket', Key: 'geo.bin', Body: geoTableBytes(content) }));
    const handler = createHandler(environment, laptop.clients);
    await handler(eventOf([lineOf({ dstaddr: '198.51.100.9' })]), { getRemainingTimeInMillis: () => 300_000 });
    const [alert, ...others] = laptop.alerts();
    expect(others).toEqual([]);
    expect(alert!.subject).toContain('dst_country DE');
    expect(JSON.parse(alert!.body)).toMatchObject({
      key: { srcaddr: '10.0.1.5', dst_country: 'DE' },
      names: { regions: [{ address: '198.51.100.9', country: 'DE', asn: 64_496 }] },
    });
  });

  it('fails before the deadline when the store does not respond', async () => {
    const unresponsive = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => unresponsive.once('listening', resolve));
    const { port } = unresponsive.address() as { port: number };
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    try {
      const handler = createHandler({ ...laptop.environment, RULES_FILE: rulesFile() }, createClients());
      const context = { getRemainingTimeInMillis: () => 200 };
      await expect(handler(eventOf([lineOf()]), context)).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
    } finally {
      vi.unstubAllEnvs();
      unresponsive.closeAllConnections();
      unresponsive.close();
    }
  });

  it('decodes the lines that passOn asks for, without counting, up to the last line', async () => {
    const lines = rejected(11);
    const event = eventOf([lines.join('\n'), 'garbage']);
    const passOn = async (from: number) => (await laptop.send({ ...event, passOn: { from, lines: 8 } })).records;
    const decoded = (data: string) => Buffer.from(data, 'base64').toString().trim().split('\n').length;
    const [first, second, third] = [await passOn(0), await passOn(8), await passOn(16)];
    expect([first, second].map(([record]) => [record!.result, decoded(record!.data)])).toEqual([
      ['Ok', 8],
      ['Ok', 3],
    ]);
    expect(third[0]).toEqual({ recordId: 'record-0', result: 'Dropped', data: '' });
    expect([first, second, third].map(([, garbage]) => garbage!.result)).toEqual(new Array(3).fill('ProcessingFailed'));
    expect(await laptop.items()).toEqual([]);
    expect(laptop.alerts()).toEqual([]);
  });

  it('ignores passOn within a record, since only the invoker may skip counting', async () => {
    const data = Buffer.from(JSON.stringify({ message: lineOf({ bytes: 9 }), passOn: { from: 0, lines: 1 } }));
    const [record] = eventOf(['']).records;
    const hostile = { ...record!, passOn: { from: 0, lines: 1 }, data: data.toString('base64') };
    await laptop.send({ ...eventOf([]), records: [hostile] });
    expect(await laptop.counter('pair#10.0.1.5#10.0.2.7')).toMatchObject({ bytes: 9 });
  });

  it.each([
    { records: [], passOn: null },
    { records: [], passOn: { from: -1, lines: 1 } },
    { records: [], passOn: { from: 0, lines: '1' } },
    undefined,
    null,
    42,
    {},
    { records: {} },
    { records: [{}] },
    { records: [null] },
    { records: [{ recordId: 7 }] },
  ])('rejects %j, which is an invalid transformation event', async (event) => {
    await expect(laptop.send(event)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  });

  it('fails to start when the compiled rules are missing', () => {
    const environment = { ...laptop.environment, RULES_FILE: '/nowhere/rules.json' };
    expect(() => createHandler(environment, laptop.clients)).toThrow('the compiled rules cannot be read');
  });
});
