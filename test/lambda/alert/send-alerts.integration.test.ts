import { describe, expect, it } from 'vitest';
import { reEvaluationsKey } from '../../../lambda/aws/dynamo-alert-state-store.ts';
import { createHandler } from '../../../lambda/handler.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { epoch, eventOf, lineOf } from '../../support/flows.ts';
import { type Laptop, laptopOn, rulesFile } from '../../support/handler-on-laptop.ts';
import { networks, ruleText } from '../../support/rules.ts';
import { sharedStack } from '../../support/shared-stack.ts';

/** What becomes of alerts over several batches, through the very handler. */

const stack = sharedStack();
let laptop: Laptop;

const hour = 3600;

async function start(alert: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 2}';
  const text = ruleText('{action: REJECT}', correlation, alert);
  laptop = laptopOn(stack(), undefined, compileRules([{ path: 'rejects.yml', text }], networks), more);
}

/** Sends so many rejects of a host that end then; they arrive a minute later. */
function rejects(count: number, seconds: number, host = 1): Promise<unknown> {
  const time = { start: epoch + seconds, end: epoch + seconds };
  const lines = Array.from({ length: count }, (_, n) =>
    lineOf({ action: 'REJECT', srcaddr: `10.0.1.${host}`, srcport: 40_000 + n, ...time }),
  );
  return laptop.send(eventOf(lines, epoch + seconds + 60));
}

/** Sends a flow that no rule is about. */
const quiet = (seconds: number) =>
  laptop.send(eventOf([lineOf({ start: epoch + seconds, end: epoch + seconds })], epoch + seconds + 60));

interface Body {
  readonly rule: string;
  readonly multiple: number;
  readonly key: { readonly srcaddr: string };
  readonly digest?: { readonly keys: readonly Body[] };
}

const bodies = () => laptop.alerts().map(({ body }) => JSON.parse(body) as Body);

describe('alert', () => {
  it('counts the batches in which a live alert held others back', async () => {
    await start('alert: {suppress: 1h, escalate: [4]}');
    for (const minute of [0, 1, 2, 3]) await rejects(3, minute * 60);
    const counter = await laptop.counter('pair#10.0.1.1#10.0.2.7');
    expect(counter?.alertRecords).toMatchObject([
      { multiple: 1, suppressedCount: 1, previousSuppressedCount: 0 },
      { multiple: 4, suppressedCount: 1, previousSuppressedCount: 1 },
    ]);
  });

  it('sends no more messages in a minute than may, and the others later', async () => {
    await start('alert: {suppress: 6h, escalate: []}', { MESSAGES_PER_MINUTE: '2' });
    for (const host of [1, 2, 3, 4, 5]) await rejects(3, 0, host);
    expect(laptop.alerts()).toHaveLength(2);
    await quiet(60);
    await quiet(120);
    const told = bodies().flatMap(({ key, digest }) => digest?.keys.map((one) => one.key.srcaddr) ?? [key.srcaddr]);
    expect(told.toSorted()).toEqual([1, 2, 3, 4, 5].map((host) => `10.0.1.${host}`));
    expect(bodies()).toHaveLength(3);
  });

  it('sends no more messages in a batch than may', async () => {
    await start('alert: {suppress: 6h, escalate: []}', { MESSAGES_PER_BATCH: '1' });
    const lines = [1, 2, 3].flatMap((host) =>
      Array.from({ length: 3 }, (_, n) => lineOf({ action: 'REJECT', srcaddr: `10.0.1.${host}`, srcport: 40_000 + n })),
    );
    await laptop.send(eventOf(lines));
    expect(bodies()).toMatchObject([{ digest: { alerts: 3 } }]);
  });

  it('tells of the end, once, when a rule asks for it and the window has passed', async () => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    await quiet(600);
    expect(bodies()).toHaveLength(1);
    await quiet(2 * hour);
    await quiet(2 * hour + 60);
    await quiet(3 * hour);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it.each([
    ['when the batch comes again', true],
    ['an hour later, when it does not', false],
  ])('tells of an end that it could not tell of: %s', async (_, isTriedAgain) => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    laptop.clients.sns.middlewareStack.add(() => () => Promise.reject(new Error('no topic')), {
      step: 'initialize',
      name: 'broken',
    });
    await expect(quiet(2 * hour)).rejects.toThrow('not published');
    laptop.clients.sns.middlewareStack.remove('broken');
    await quiet(2 * hour + 300);
    expect(bodies()).toHaveLength(1);
    await (isTriedAgain ? quiet(2 * hour) : quiet(3 * hour + 60));
    await quiet(4 * hour);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it('leaves a promise to the batch that made it, whoever looks for ends', async () => {
    await start('alert: {ended: true, escalate: []}');
    const breaksOff = () => Promise.reject(new Error('no topic'));
    laptop.clients.sns.middlewareStack.add(() => breaksOff, { step: 'initialize', name: 'broken' });
    await expect(rejects(3, 0)).rejects.toThrow('not published');
    laptop.clients.sns.middlewareStack.remove('broken');
    await quiet(300);
    expect(bodies()).toEqual([]);
    await rejects(3, 0);
    expect(bodies()).toHaveLength(1);
  });

  it.each([
    ['while its own try that comes after breaks off', true],
    ['while it is about to promise it itself', false],
  ])('tells what another batch promised that comes no more: %s', async (_, breaksOff) => {
    await start('alert: {escalate: []}');
    const [first, second] = [() => rejects(2, 0), () => rejects(1, 10)];
    await first();
    const { sns, dynamoDb } = laptop.clients;
    let isOutlived = false;
    dynamoDb.middlewareStack.add(
      (next) => async (call) => {
        const { Key: key } = call.input as { Key?: { pk?: { S?: string } } };
        if (isOutlived || !key?.pk?.S?.startsWith('alert-state#messages')) return next(call);
        isOutlived = true;
        sns.middlewareStack.add(() => () => Promise.reject(new Error('no topic')), {
          step: 'initialize',
          name: 'broken',
        });
        await expect(first()).rejects.toThrow('not published');
        sns.middlewareStack.remove('broken');
        if (breaksOff) throw new Error('no table');
        return next(call);
      },
      { step: 'initialize', name: 'outlived' },
    );
    if (breaksOff) await expect(second()).rejects.toThrow('no table');
    await second();
    await quiet(hour - 60);
    expect(bodies()).toEqual([]);
    await quiet(hour + 120);
    expect(bodies()).toMatchObject([{ multiple: 1, key: { srcaddr: '10.0.1.1' } }]);
  });

  it('tells of no end while flows that go on are still to be told of', async () => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    await quiet(hour + 300);
    expect(bodies()).toHaveLength(1);
    await quiet(hour + 1200);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it('looks no more at what was put off for a rule that groups by other fields by now', async () => {
    await start('alert: {escalate: []}', { MESSAGES_PER_MINUTE: '1' });
    for (const host of [1, 2]) await rejects(3, 0, host);
    const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gt: 2}';
    const text = ruleText('{action: REJECT}', correlation);
    const changed = rulesFile(compileRules([{ path: 'rejects.yml', text }], networks));
    const handler = createHandler({ ...laptop.environment, RULES_FILE: changed }, laptop.clients);
    const event = eventOf([lineOf({ start: epoch + 120, end: epoch + 120 })], epoch + 180);
    await handler(event, { getRemainingTimeInMillis: () => 300_000 });
    expect(bodies()).toHaveLength(1);
    expect((await laptop.items()).find(({ pk }) => pk && 'S' in pk && pk.S === reEvaluationsKey)?.keys).toBeUndefined();
  });

  it('tells of what got worse in a batch whose earlier promise has to wait', async () => {
    await start('alert: {suppress: 6h, escalate: [4]}', { MESSAGES_PER_MINUTE: '1' });
    await rejects(3, 0, 1);
    await rejects(3, 0, 2);
    await rejects(3, 2 * hour, 1);
    await rejects(9, 2 * hour + 10, 2);
    for (const minute of [2, 3, 4, 5]) await quiet(2 * hour + minute * 60);
    const claims = (await laptop.counter('pair#10.0.1.2#10.0.2.7'))?.alertRecords;
    expect(claims?.every(({ sent }) => sent)).toBe(true);
    expect(claims?.map(({ multiple }) => multiple)).toContain(1);
  });

  it('pages for what a rule logged while it was experimental', async () => {
    await start('status: experimental');
    await rejects(3, 0);
    const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 2}';
    const text = ruleText('{action: REJECT}', correlation, 'alert: {escalate: [], ended: true}');
    const stable = rulesFile(compileRules([{ path: 'rejects.yml', text }], networks));
    const handler = createHandler({ ...laptop.environment, RULES_FILE: stable }, laptop.clients);
    const send = (minute: number) => {
      const time = { start: epoch + minute * 60, end: epoch + minute * 60 };
      return handler(eventOf([lineOf({ action: 'REJECT', srcaddr: '10.0.1.1', ...time })], epoch + minute * 60 + 60), {
        getRemainingTimeInMillis: () => 300_000,
      });
    };
    for (const minute of [1, 2]) await send(minute);
    expect(bodies()).toMatchObject([{ multiple: 1, key: { srcaddr: '10.0.1.1' } }]);
  });

  it('pages nobody for an experimental rule, and keeps its alerts as any other', async () => {
    await start('status: experimental');
    await rejects(3, 0);
    await rejects(3, 60);
    expect(laptop.alerts()).toEqual([]);
    expect((await laptop.counter('pair#10.0.1.1#10.0.2.7'))?.alertRecords).toMatchObject([
      { multiple: 1, sent: true },
      { multiple: 2, sent: true },
    ]);
  });

  it('waits longer with each alert that follows on another', async () => {
    await start('alert: {suppress: 1h, backoff: 2, escalate: []}');
    const times: number[] = [];
    for (let minute = 0; minute <= 12 * 60; minute += 10) {
      const before = laptop.alerts().length;
      await rejects(3, minute * 60);
      if (laptop.alerts().length > before) times.push(minute / 60);
    }
    expect(times).toEqual([0, 1, 3, 7]);
  });
});
