import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putItems } from '../../cli/counter-table/local-table-folder.ts';
import { environmentNames } from '../../lambda/config.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { createFlushHandler } from '../../lambda/flush-handler.ts';
import { epoch, eventOf, lineOf } from '../support/flows.ts';
import { type Laptop, laptopOn, rulesFile } from '../support/handler-on-laptop.ts';
import { sharedStack } from '../support/shared-stack.ts';

const stack = sharedStack();

/** The table that the release before the journal wrote for the batch below: a line for each item. */
const items = readFileSync(join(import.meta.dirname, 'former-table/counters.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as { Item: Item }).Item);

const rejects = (count: number, from: number, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) =>
    lineOf({ action: 'REJECT', srcport: from + n, srcaddr: '203.0.113.9', ...values }),
  );
const formerEvent = eventOf([
  ...rejects(12, 40_000),
  lineOf({ srcaddr: '10.0.1.5', dstaddr: '198.51.100.3', bytes: 5000 }),
  lineOf({ srcaddr: '2001:db8::1', dstaddr: 'fc00::7', bytes: 700 }),
]);
const pair = 'pair#203.0.113.9#10.0.2.7';

describe.each([0, 16])('a table of the release before the journal, with %i lanes', (lanes) => {
  async function upgraded(): Promise<{ laptop: Laptop; flush: () => Promise<unknown> }> {
    const more = { [environmentNames.countLanes]: String(lanes) };
    const laptop = laptopOn(stack(), undefined, undefined, more);
    await putItems(items, stack().clients.dynamoDb, stack().environment[environmentNames.tableName]!);
    const environment = { ...stack().environment, [environmentNames.rulesFile]: rulesFile(), ...more };
    const flushHandler = createFlushHandler(environment, stack().clients);
    const context = { getRemainingTimeInMillis: () => 300_000, invokedFunctionArn: 'arn:aws:lambda:us-east-1:1:f' };
    return { laptop, flush: () => flushHandler({ force: true }, context) };
  }

  it('is read as that release wrote it', async () => {
    const { laptop } = await upgraded();
    expect(await laptop.counter(pair)).toMatchObject({ bytes: 0, rejects: 12, firstSeen: epoch, lastSeen: epoch + 50 });
    expect((await laptop.counter(pair))!.alertRecords.map(({ rule, sent }) => [rule, sent])).toEqual([
      ['rejects_from_suspicious_ranges', true],
      ['repeated_rejects', true],
    ]);
    expect(await laptop.counter('pair#2001:db8::1#fc00::7')).toMatchObject({ bytes: 700 });
  });

  it('gets nothing from a batch that the former release has counted', async () => {
    const { laptop, flush } = await upgraded();
    await laptop.send(formerEvent);
    await flush();
    expect(await laptop.counter(pair)).toMatchObject({ rejects: 12 });
    expect(laptop.alerts()).toEqual([]);
  });

  it('gets further flows on top of its counters, and alerts at the next multiple only', async () => {
    const { laptop, flush } = await upgraded();
    await laptop.send(eventOf(rejects(90, 50_000), epoch + 180));
    await flush();
    expect(await laptop.counter(pair)).toMatchObject({ rejects: 102 });
    const alerts = laptop.alerts().map(({ body }) => JSON.parse(body) as { rule: string; value: number });
    expect(alerts.filter(({ rule }) => rule === 'repeated_rejects')).toMatchObject([{ value: 102 }]);
  });
});
