import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamoJournal } from '../../../lambda/aws/dynamo-journal.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { laneNumberOf } from '../../../lambda/journal/lane.ts';
import { epoch, eventOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { type Deployed, startDeployed } from '../counter-table/deployed.ts';

let deployed: Deployed;

// A process records its lanes once an hour, so a table cannot be emptied between two tests.
beforeEach(async () => {
  deployed = await startDeployed(16);
});
afterEach(() => deployed.stop());

const at = ['--at', '2026-11-24T09:02:00Z'];

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args, ...at, '--outputs', deployed.outputs);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const document = async (...args: string[]) => JSON.parse(await done(...args, '--json'));

/** Returns the output without the numbers that depend on the clock. */
const withoutTimes = (text: string) => text.replace(/(Counted until|Read) .*?(UTC|\n)/g, '$1 ... $2');

let batches = 0;

function send(rejects: number, bytes: number) {
  batches += 1;
  const lines = [
    ...Array.from({ length: rejects }, (_, n) => lineOf({ action: 'REJECT', srcport: 1000 + n, packets: batches })),
    lineOf({ bytes, packets: batches }),
  ];
  return deployed.laptop.send(eventOf(lines));
}

describe('pairs', () => {
  it('adds what the journal holds to the counters of a pair, before and after a flush', async () => {
    await send(4, 500);
    const first = await document('pairs', '10.0.1.5', '10.0.2.7');
    expect(first).toMatchObject({
      pair: { bytes: 500, rejects: 4, firstSeen: epoch, lastSeen: epoch + 50 },
      journal: { waiting: 1, countedUntil: null },
    });
    await deployed.laptop.flush();
    await send(8, 1000);
    expect(await done('pairs', '10.0.1.5', '10.0.2.7')).toMatchInlineSnapshot(`
      "10.0.1.5 -> 10.0.2.7
        accepted    1.5 kB (1,500 bytes)
        rejects     12
        first seen  2026-11-24 09:00:00 UTC
        last seen   2026-11-24 09:00:50 UTC
        in journal  1 update of these numbers, which the next flush counts and evaluates

      Windows that end at 2026-11-24 09:02:00 UTC
        rule               value            threshold                                            window
        repeated_rejects   12 flow records  more than 10 flow records                            1 h     exceeded
        probe_that_got_in  0 of 2 steps     all 2 steps in order (closed_doors, then open_door)  1 h
        vertical_scan      1 ports          at least 25 ports                                    1 h

      No live alert
      "
    `);
    await deployed.laptop.flush();
    const last = await document('pairs', '10.0.1.5', '10.0.2.7');
    expect(last).toMatchObject({ pair: { bytes: 1500, rejects: 12 }, journal: { waiting: 0, countedUntil: null } });
    expect(last.alerts).toMatchObject([{ rule: 'repeated_rejects', value: 12, state: 'sent' }]);
  });

  it('says until when the pairs of an address are counted', async () => {
    await send(0, 500);
    await deployed.laptop.flush();
    await send(0, 1000);
    expect(withoutTimes(await done('pairs', '10.0.1.5'))).toMatchInlineSnapshot(`
      "Pairs from 10.0.1.5, the busiest first (times in UTC)
        source    destination   accepted  rejects  first seen           last seen
        10.0.1.5  10.0.2.7     500 bytes        0  2026-11-24 09:00:00  2026-11-24 09:00:50
      Counted until ... UTC: a flush of the journal counts later flows.
      Read ... 
      "
    `);
    const { countedUntil, pairs } = await document('pairs', '10.0.1.5');
    expect(countedUntil).toBeGreaterThan(Date.now() / 1000 - 120);
    expect(pairs).toMatchObject([{ bytes: 500 }]);
  });

  it('says that the flows of a lane with an unreadable page are counted in part', async () => {
    await send(0, 500);
    await deployed.laptop.flush();
    const table = deployed.laptop.environment[environmentNames.journalTableName]!;
    const journal = new DynamoJournal(deployed.laptop.clients.dynamoDb, table);
    const number = laneNumberOf('pair#10.0.1.5#10.0.2.7', 16, journal.seed);
    const present = Math.floor(Date.now() / 1000);
    const page = { batch: 'newer-----------', parts: 0xffff_ffff, putAt: present, firstAttempt: present, deltas: 1 };
    const { signal } = new AbortController();
    await journal.putPage({ lanes: 16, number }, { ...page, bytes: Uint8Array.from([99]) }, signal);
    const text = await done('pairs', '10.0.1.5', '10.0.2.7');
    expect(text).toMatch(/accepted {4}500 bytes\n/);
    expect(text).toMatch(/counted {5}until 2\d{3}-.* UTC: .*version/);
  });
});

describe('alerts', () => {
  it('says until when the flows are counted', async () => {
    await send(12, 0);
    expect(withoutTimes(await done('alerts'))).toMatch(/^No alert is live .*\nCounted until ... UTC: a flush .*\nRead/);
    await deployed.laptop.flush();
    const { countedUntil, alerts } = await document('alerts');
    expect(countedUntil).toBeGreaterThan(Date.now() / 1000 - 120);
    expect(alerts).toHaveLength(1);
  });

  it('needs only the permissions that the page names', async () => {
    await send(1, 500);
    deployed.actions.clear();
    await done('pairs', '10.0.1.5', '10.0.2.7');
    await done('alerts');
    expect([...deployed.actions].sort()).toEqual(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan']);
  });
});
