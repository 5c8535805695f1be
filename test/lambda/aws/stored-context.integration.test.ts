import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EmfTelemetry } from '../../../lambda/aws/emf-telemetry.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { entryItem, readEntry } from '../../../lambda/context/context-table.ts';
import { readSentAlert } from '../../../lambda/context/sent-alert.ts';
import { findingWith } from '../../support/around-events.ts';
import { commandsOn } from '../../support/commands-on.ts';
import { createContextTable, type LocalContextTable } from '../../support/context-table.ts';
import { eventOf, lineOf } from '../../support/flows.ts';
import { laptopOn } from '../../support/handler-on-laptop.ts';
import { sharedStack } from '../../support/shared-stack.ts';

const stack = sharedStack();
const eni = 'eni-0a1b2c3d4e5f60718';
const unread = vi.spyOn(EmfTelemetry.prototype, 'contextUnread');
const unwritten = vi.spyOn(EmfTelemetry.prototype, 'contextUnwritten');

let table: LocalContextTable;
let tables = 0;
beforeEach(async () => {
  vi.clearAllMocks();
  tables += 1;
  table = await createContextTable(stack(), `context-${tables}`);
});

/** Starts the functions with the table of context. */
function detector(more: Record<string, string> = {}) {
  return laptopOn(stack(), undefined, undefined, { [environmentNames.contextTableName]: table.name, ...more });
}

/** An event of refused packets, for which two rules alert. */
const rejects = eventOf(
  Array.from({ length: 12 }, (_, n) => lineOf({ srcaddr: '203.0.113.9', action: 'REJECT', srcport: 40_000 + n })),
);

function alertsOf(laptop: ReturnType<typeof detector>) {
  const all = laptop.alerts().filter(({ attributes }) => attributes.rule === 'repeated_rejects');
  return all.map(({ text, body }) => ({
    around: text.split('\n').find((line) => line.startsWith('Around this host')),
    body: JSON.parse(body) as Record<string, unknown>,
  }));
}

describe('the context of a deployed stack', () => {
  it('says that nothing else happened, and stores the alert for later events', async () => {
    const laptop = detector({ [environmentNames.contextDays]: '2' });
    const before = Math.floor(Date.now() / 1000);
    await laptop.send(rejects);
    const [alert] = alertsOf(laptop);
    expect(alert!.around).toMatch(/^Around this host: nothing else within a day, as of /);
    const items = await table.read();
    const stored = items.flatMap((item) => readSentAlert(item) ?? []).find(({ rule }) => rule === 'repeated_rejects')!;
    expect(stored).toMatchObject({ told: [], updates: [] });
    expect(JSON.parse(stored.body)).toEqual(alert!.body);
    const entries = items.filter(({ pk }) => pk === `interface#${eni}`).map(readEntry);
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'alert', rule: 'repeated_rejects', message: stored.id }),
    );
    for (const { expiresAt } of items) expect(expiresAt).toBeGreaterThanOrEqual(before + 2 * 86_400);
  });

  it('tells what is stored by the interface of the flows', async () => {
    const finding = findingWith();
    await table.put([entryItem(`interface#${eni}`, finding, finding.updated, 2_000_000_000)]);
    const laptop = detector();
    await laptop.send(rejects);
    expect(JSON.stringify(alertsOf(laptop)[0]!.body)).toContain(finding.type);
  });

  it('neither reads nor writes when a batch has no finding', async () => {
    const sent = commandsOn(stack(), table.name);
    await detector().send(eventOf([lineOf()]));
    expect(sent).toEqual([]);
  });

  it('stores the alerts of the journal too', async () => {
    const laptop = detector({ [environmentNames.countLanes]: '16' });
    await laptop.send(rejects);
    await laptop.flush();
    expect(alertsOf(laptop)).toHaveLength(1);
    expect((await table.read()).flatMap((item) => readSentAlert(item) ?? [])).toHaveLength(2);
  });

  it.each([
    ['throttled', 'ProvisionedThroughputExceededException'],
    ['denied', 'AccessDeniedException'],
    ['absent', 'ResourceNotFoundException'],
  ])('sends the alert once, and says so, when the table is %s, after one attempt', async (_, name) => {
    const laptop = detector();
    const sent = commandsOn(stack(), table.name, () =>
      Promise.reject(Object.assign(new Error('no'), { name, $retryable: {} })),
    );
    await laptop.send(rejects);
    await laptop.send(rejects);
    expect(alertsOf(laptop).map(({ around }) => around)).toEqual([
      'Around this host: not known, context events could not be read',
    ]);
    expect(unread).toHaveBeenCalledExactlyOnceWith('no');
    expect(unwritten).toHaveBeenCalledExactlyOnceWith(2, 'no');
    expect(sent.filter((command) => command === 'PutItemCommand')).toHaveLength(2);
  });

  it('sends the alert once when the table does not answer', async () => {
    const laptop = detector();
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    commandsOn(stack(), table.name, ({ request }) => {
      request.port = (silent.address() as AddressInfo).port;
      return undefined;
    });
    await laptop.send(rejects);
    await laptop.send(rejects);
    expect(alertsOf(laptop)).toHaveLength(1);
    expect(unread).toHaveBeenCalledTimes(1);
    expect(unwritten).toHaveBeenCalledTimes(1);
    silent.closeAllConnections();
    silent.close();
  });
});
