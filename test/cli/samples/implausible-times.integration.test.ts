import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epoch, eventOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const days = 86_400;

/** Returns lines of twelve rejects that end at a time. */
const rejects = (end: number) =>
  Array.from({ length: 12 }, (_, n) => lineOf({ action: 'REJECT', srcport: 40_000 + n, start: end - 10, end }));

const line = /(\d+ flows?) ends? at an implausible time: counted in totals, in no window/;

interface Run {
  readonly implausibleTimes?: number;
  readonly alerts: readonly { readonly window: { readonly to: number } }[];
  readonly pairs: readonly { readonly rejects: number }[];
}

async function outcomeOf(...args: string[]) {
  const [text, json] = [await run(...args), await run(...args, '--json')];
  expect([text.code, json.code]).toEqual([0, 0]);
  const { implausibleTimes, alerts, pairs } = JSON.parse(json.stdout) as Run;
  return {
    said: line.exec(text.stdout)?.[1],
    implausibleTimes,
    alertDays: alerts.map(({ window }) => Math.round((window.to - epoch) / days)),
    rejects: pairs[0]?.rejects,
  };
}

describe('replay', () => {
  it.each(['memory', 'local'])(
    'counts several days in any order in their windows when the store is %s',
    async (store) => {
      const path = writeLog(
        folder,
        `${store}.log`,
        [20, 10, 0].flatMap((day) => rejects(epoch + day * days)),
      );
      const outcome = await outcomeOf('replay', path, '--store', store);
      expect(outcome).toEqual({ said: undefined, implausibleTimes: undefined, alertDays: [0, 10, 20], rejects: 36 });
    },
  );

  it.each(['memory', 'local'])('says how many flows end in the future when the store is %s', async (store) => {
    const [early, ...late] = rejects(epoch);
    const forged = lineOf({ action: 'REJECT', end: 9_000_000_000 });
    const path = writeLog(folder, `future-${store}.log`, [early!, forged, ...late]);
    const outcome = await outcomeOf('replay', path, '--store', store);
    expect(outcome).toEqual({ said: '1 flow', implausibleTimes: 1, alertDays: [0], rejects: 13 });
  });
});

describe('invoke', () => {
  const eventFile = (name: string, event: object) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(event));
    return path;
  };
  const old = eventOf([...rejects(epoch), ...rejects(epoch + 10 * days)], epoch + 10 * days + 60);

  it('says how many flows are too old, unless the event is a backfill', async () => {
    expect(await outcomeOf('invoke', eventFile('old', old))).toEqual({
      ...{ said: '12 flows', implausibleTimes: 12, alertDays: [10], rejects: 24 },
    });
    expect(await outcomeOf('invoke', eventFile('backfill', { ...old, backfill: true }))).toEqual({
      ...{ said: undefined, implausibleTimes: undefined, alertDays: [0, 10], rejects: 24 },
    });
  });
});

describe('make-event', () => {
  const eventOfLines = async (name: string, lines: readonly string[]) => {
    const { code, stdout } = await run('make-event', writeLog(folder, name, lines));
    expect(code).toBe(0);
    writeFileSync(join(folder, `${name}.json`), stdout);
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as { backfill?: true };
  };

  it('makes a backfill when the lines span more than two days', async () => {
    const twoDays = 2 * days - 60;
    expect(await eventOfLines('short', [...rejects(epoch), ...rejects(epoch + twoDays)])).not.toHaveProperty(
      'backfill',
    );
    expect(await eventOfLines('long', [...rejects(epoch), ...rejects(epoch + twoDays + 1)])).toHaveProperty(
      'backfill',
      true,
    );
    expect(await outcomeOf('invoke', join(folder, 'long.json'))).toMatchObject({ alertDays: [0, 2], rejects: 24 });
  });
});
