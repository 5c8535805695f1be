import { describe, expect, it } from 'vitest';
import { environmentNames } from '../../lambda/config.ts';
import { createFlushHandler } from '../../lambda/flush-handler.ts';
import { epoch, eventOf, lineOf } from '../support/flows.ts';
import { laptopOn, rulesFile } from '../support/handler-on-laptop.ts';
import { sharedStack } from '../support/shared-stack.ts';

const stack = sharedStack();

const context = {
  getRemainingTimeInMillis: () => 300_000,
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:flush',
};

const origin = { account: '123456789012', region: 'eu-central-1' };

const pair = 'pair#203.0.113.9#10.0.2.7';
const rejects = (count: number, from = 40_000) =>
  Array.from({ length: count }, (_, n) => lineOf({ srcaddr: '203.0.113.9', action: 'REJECT', srcport: from + n }));

/** Starts a function that counts in one way, and the flush function of the same stack. */
function functions(lanes: number) {
  const more = { [environmentNames.countLanes]: String(lanes) };
  const laptop = laptopOn(stack(), undefined, undefined, more);
  const environment = { ...stack().environment, [environmentNames.rulesFile]: rulesFile(), ...more };
  const flush = (event: unknown = { force: true }, clock = Math.floor(Date.now() / 1000)) =>
    createFlushHandler(environment, stack().clients, undefined, undefined, () => clock)(event, context);
  return { laptop, flush };
}

describe('the flush function', () => {
  it('counts what the function has put into the journal, alerts with the account, the region and the flows', async () => {
    const { laptop, flush } = functions(16);
    const { records } = await laptop.send(eventOf(rejects(12)));
    expect(records.map(({ result }) => result)).toEqual(records.map(() => 'Ok'));
    expect(await laptop.counter(pair)).toBeUndefined();
    const report = await flush();
    expect(report).toMatchObject({ lanes: 16, pages: 2, alertsPublished: 2, problems: [] });
    expect(await laptop.counter(pair)).toMatchObject({ rejects: 12 });
    const alerts = laptop.alerts().map(({ body }) => JSON.parse(body));
    const alert = alerts.find(({ rule }) => rule === 'repeated_rejects');
    expect(alert).toMatchObject({ value: 12, evidence: { dstport: ['443'], flows: 12 }, ...origin });
    expect(await flush()).toMatchObject({ pages: 0, countersTouched: 0, alertsPublished: 0 });
  });

  it('counts each batch once when a stack is switched to the journal and back', async () => {
    const [direct, journal, wide] = [functions(0), functions(16), functions(128)];
    const events = [3, 4, 5, 6, 7].map((count, n) => eventOf(rejects(count, 40_000 + 100 * n)));
    const ways = [direct, journal, wide, direct, journal];
    for (const [n, event] of events.entries()) await ways[n]!.laptop.send(event);
    for (const [n, event] of events.entries()) await ways[(n + 1) % ways.length]!.laptop.send(event);
    expect(await direct.laptop.counter(pair)).toMatchObject({ rejects: 3 + 6 });
    // A function that counts directly still drains the journal.
    expect(await direct.flush()).toMatchObject({ lanes: 144, problems: [] });
    expect(await direct.laptop.counter(pair)).toMatchObject({ rejects: 25 });
    for (const event of events) await journal.laptop.send(event);
    await journal.flush();
    expect(await direct.laptop.counter(pair)).toMatchObject({ rejects: 25 });
  });

  it('waits between two flushes, unless it is forced', async () => {
    const { laptop } = functions(16);
    const environment = { ...stack().environment, [environmentNames.rulesFile]: rulesFile() };
    let clock = Math.floor(Date.now() / 1000);
    const flush = createFlushHandler(environment, stack().clients, undefined, undefined, () => clock);
    await laptop.send(eventOf(rejects(1)));
    expect(await flush({}, context)).toMatchObject({ lanes: 16, pages: 2 });
    await laptop.send(eventOf(rejects(1, 50_000)));
    clock += 299;
    expect(await flush({}, context)).toMatchObject({ lanes: 0, pages: 0 });
    expect(await flush({ force: true }, context)).toMatchObject({ lanes: 16, pages: 1 });
    await laptop.send(eventOf(rejects(1, 60_000)));
    clock += 300;
    expect(await flush({}, context)).toMatchObject({ lanes: 16, pages: 1 });
  });

  it('flushes its share of the lanes when several processes flush', async () => {
    const { laptop, flush } = functions(128);
    await laptop.send(eventOf(Array.from({ length: 60 }, (_, n) => lineOf({ srcaddr: `198.51.100.${n}` }))));
    const reports = [];
    for (const index of [0, 1, 2, 3]) reports.push(await flush({ index, processes: 4, force: true }));
    expect(reports.map((report) => report!.lanes)).toEqual([32, 32, 32, 32]);
    const counted = (await stack().items()).filter(({ pk }) => pk && 'S' in pk && pk.S.startsWith('pair#'));
    expect(counted).toHaveLength(60);
  });

  it('flushes the lanes of each task when Lambda gives one process the events of all tasks', async () => {
    const { laptop } = functions(128);
    const environment = { ...stack().environment, [environmentNames.rulesFile]: rulesFile() };
    const clock = Math.floor(Date.now() / 1000);
    const flush = createFlushHandler(environment, stack().clients, undefined, undefined, () => clock);
    await laptop.send(eventOf(Array.from({ length: 60 }, (_, n) => lineOf({ srcaddr: `198.51.100.${n}` }))));
    const lanes = [];
    for (const index of [0, 1, 2, 3]) lanes.push((await flush({ index, processes: 4 }, context))!.lanes);
    expect(lanes).toEqual([32, 32, 32, 32]);
  });

  it('does nothing for a stack that has never used the journal', async () => {
    expect(await functions(0).flush()).toBeUndefined();
  });

  it.each([
    [{ index: 4, processes: 4 }, 'index of the flush is invalid: got 4, expected a whole number from 0 to 3'],
    [{ processes: 'all' }, 'processes of the flush is invalid: got "all", expected a whole number from 1 to 128'],
  ])('rejects the event %j', async (event, message) => {
    await expect(functions(16).flush(event)).rejects.toMatchObject({ code: 'EVENT_INVALID', message });
  });

  it('is idle while a batch arrives, and counts the flows of a day that ended long ago', async () => {
    const { laptop, flush } = functions(16);
    await laptop.send({ ...eventOf(rejects(12), epoch), backfill: true });
    await flush();
    expect(await laptop.counter(pair)).toMatchObject({ rejects: 12, firstSeen: epoch });
  });
});
