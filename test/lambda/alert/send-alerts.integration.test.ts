import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../lambda/aws/dynamo-alert-state-store.ts';
import { createHandler } from '../../../lambda/handler.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { epoch, eventOf, lineOf } from '../../support/flows.ts';
import { type Laptop, laptopOn, rulesFile } from '../../support/handler-on-laptop.ts';
import { networks, ruleText } from '../../support/rules.ts';
import { sharedStack } from '../../support/shared-stack.ts';

/** Alerts over several batches, through the handler. */

const stack = sharedStack();
let laptop: Laptop;

const hour = 3600;

async function start(alert: string, more: Readonly<Record<string, string>> = {}, level = 'high'): Promise<void> {
  const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 2}';
  const text = ruleText('{action: REJECT}', correlation, alert).replace('level: high', `level: ${level}`);
  laptop = laptopOn(stack(), undefined, compileRules([{ path: 'rejects.yml', text }], networks), more);
}

/** Sends rejects of one host with an end time; they arrive a minute later. */
function rejects(count: number, seconds: number, host = 1): Promise<unknown> {
  const time = { start: epoch + seconds, end: epoch + seconds };
  const lines = Array.from({ length: count }, (_, n) =>
    lineOf({ action: 'REJECT', srcaddr: `10.0.1.${host}`, srcport: 40_000 + n, ...time }),
  );
  return laptop.send(eventOf(lines, epoch + seconds + 60));
}

/** Sends a flow that no rule counts. */
const otherFlow = (seconds: number) =>
  laptop.send(eventOf([lineOf({ start: epoch + seconds, end: epoch + seconds })], epoch + seconds + 60));

interface Body {
  readonly rule: string;
  readonly multiple: number;
  readonly key: { readonly srcaddr: string };
  readonly digest?: { readonly keys: readonly Body[] };
}

const bodies = () => laptop.alerts().map(({ body }) => JSON.parse(body) as Body);

describe('sendAlerts', () => {
  it('counts the batches in which a live alert suppressed others', async () => {
    await start('alert: {suppress: 1h, escalate: [4]}');
    for (const minute of [0, 1, 2, 3]) await rejects(3, minute * 60);
    const counter = await laptop.counter('pair#10.0.1.1#10.0.2.7');
    expect(counter?.alertRecords).toMatchObject([
      { multiple: 1, suppressedCount: 1, previousSuppressedCount: 0 },
      { multiple: 4, suppressedCount: 1, previousSuppressedCount: 1 },
    ]);
  });

  it('defers the alerts over the messages of a minute, and sends them in later minutes', async () => {
    await start('alert: {suppress: 6h, escalate: []}', { MESSAGES_PER_MINUTE: '5' }, 'low');
    for (const host of [1, 2, 3, 4, 5]) await rejects(3, 0, host);
    expect(laptop.alerts()).toHaveLength(2);
    await otherFlow(60);
    await otherFlow(120);
    const notified = bodies().flatMap(({ key, digest }) => digest?.keys.map((one) => one.key.srcaddr) ?? [key.srcaddr]);
    expect(notified.toSorted()).toEqual([1, 2, 3, 4, 5].map((host) => `10.0.1.${host}`));
    expect(bodies()).toHaveLength(3);
  });

  it('sends a digest when a batch has more alerts than messages', async () => {
    await start('alert: {suppress: 6h, escalate: []}', { MESSAGES_PER_BATCH: '1' });
    const lines = [1, 2, 3].flatMap((host) =>
      Array.from({ length: 3 }, (_, n) => lineOf({ action: 'REJECT', srcaddr: `10.0.1.${host}`, srcport: 40_000 + n })),
    );
    await laptop.send(eventOf(lines));
    expect(bodies()).toMatchObject([{ digest: { alerts: 3 } }]);
  });

  it('sends one resolution notice when a rule has `ended` and the window has passed', async () => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    await otherFlow(600);
    expect(bodies()).toHaveLength(1);
    await otherFlow(2 * hour);
    await otherFlow(2 * hour + 60);
    await otherFlow(3 * hour);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it.each([
    ['the batch is retried', true],
    ['an hour has passed without a retry', false],
  ])('sends a resolution notice that could not be published when %s', async (_, isRetried) => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    laptop.clients.sns.middlewareStack.add(() => () => Promise.reject(new Error('no topic')), {
      step: 'initialize',
      name: 'broken',
    });
    await expect(otherFlow(2 * hour)).rejects.toThrow('not published');
    laptop.clients.sns.middlewareStack.remove('broken');
    await otherFlow(2 * hour + 300);
    expect(bodies()).toHaveLength(1);
    await (isRetried ? otherFlow(2 * hour) : otherFlow(3 * hour + 60));
    await otherFlow(4 * hour);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it('leaves a pending alert to its batch when another batch re-evaluates its rule and key', async () => {
    await start('alert: {ended: true, escalate: []}');
    const rejected = () => Promise.reject(new Error('no topic'));
    laptop.clients.sns.middlewareStack.add(() => rejected, { step: 'initialize', name: 'broken' });
    await expect(rejects(3, 0)).rejects.toThrow('not published');
    laptop.clients.sns.middlewareStack.remove('broken');
    await otherFlow(300);
    expect(bodies()).toEqual([]);
    await rejects(3, 0);
    expect(bodies()).toHaveLength(1);
  });

  it.each([
    ['its own attempt fails', true],
    ['its own claim comes too late', false],
  ])('sends the pending alert of another batch that is not retried when %s', async (_, isFailing) => {
    await start('alert: {escalate: []}');
    const [first, second] = [() => rejects(2, 0), () => rejects(1, 10)];
    await first();
    const { sns, dynamoDb } = laptop.clients;
    let hasRetried = false;
    dynamoDb.middlewareStack.add(
      (next) => async (call) => {
        const { Key: key } = call.input as { Key?: { pk?: { S?: string } } };
        if (hasRetried || !key?.pk?.S?.startsWith('alert-state#messages')) return next(call);
        hasRetried = true;
        sns.middlewareStack.add(() => () => Promise.reject(new Error('no topic')), {
          step: 'initialize',
          name: 'broken',
        });
        await expect(first()).rejects.toThrow('not published');
        sns.middlewareStack.remove('broken');
        if (isFailing) throw new Error('no table');
        return next(call);
      },
      { step: 'initialize', name: 'retried' },
    );
    if (isFailing) await expect(second()).rejects.toThrow('no table');
    await second();
    await otherFlow(hour - 60);
    expect(bodies()).toEqual([]);
    await otherFlow(hour + 120);
    expect(bodies()).toMatchObject([{ multiple: 1, key: { srcaddr: '10.0.1.1' } }]);
  });

  it('sends no resolution notice while flows may still be delivered', async () => {
    await start('alert: {ended: true, escalate: []}');
    await rejects(3, 0);
    await otherFlow(hour + 300);
    expect(bodies()).toHaveLength(1);
    await otherFlow(hour + 1200);
    expect(bodies().map(({ multiple }) => multiple)).toEqual([1, 0]);
  });

  it('cancels the re-evaluation of a deferred alert when its rule groups by other fields now', async () => {
    await start('alert: {escalate: []}', { MESSAGES_PER_MINUTE: '5' }, 'informational');
    for (const host of [1, 2]) await rejects(3, 0, host);
    const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gt: 2}';
    const text = ruleText('{action: REJECT}', correlation);
    const changed = rulesFile(compileRules([{ path: 'rejects.yml', text }], networks));
    const handler = createHandler({ ...laptop.environment, RULES_FILE: changed }, laptop.clients);
    const event = eventOf([lineOf({ start: epoch + 120, end: epoch + 120 })], epoch + 180);
    await handler(event, { getRemainingTimeInMillis: () => 300_000 });
    expect(bodies()).toHaveLength(1);
    expect((await laptop.items()).flatMap(entriesOf)).toEqual([]);
  });

  it('sends an escalation and the deferred alert before it when both are of one key', async () => {
    await start('alert: {suppress: 6h, escalate: [4]}', { MESSAGES_PER_MINUTE: '5' }, 'informational');
    await rejects(3, 0, 1);
    await rejects(3, 0, 2);
    await rejects(3, 2 * hour, 1);
    await rejects(9, 2 * hour + 10, 2);
    for (const minute of [2, 3, 4, 5]) await otherFlow(2 * hour + minute * 60);
    const records = (await laptop.counter('pair#10.0.1.2#10.0.2.7'))?.alertRecords;
    expect(records?.every(({ sent }) => sent)).toBe(true);
    expect(records?.map(({ multiple }) => multiple)).toContain(1);
  });

  it('notifies when a rule that only logged while experimental becomes stable', async () => {
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

  it('publishes no alert of an experimental rule, and stores its records as sent', async () => {
    await start('status: experimental');
    await rejects(3, 0);
    await rejects(3, 60);
    expect(laptop.alerts()).toEqual([]);
    expect((await laptop.counter('pair#10.0.1.1#10.0.2.7'))?.alertRecords).toMatchObject([
      { multiple: 1, sent: true },
      { multiple: 2, sent: true },
    ]);
  });

  it('suppresses for longer with each alert when a rule has a back-off', async () => {
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
