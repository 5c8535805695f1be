import { describe, expect, it } from 'vitest';
import { createMemoryEngine, type MemoryEngineOptions } from '../../cli/replay/memory-engine.ts';
import { delegatingStore } from '../../emulators/delegating-store.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { epoch, eventOf, lineOf, v2 } from '../support/flows.ts';
import { defaultRules, rulesOf, ruleText } from '../support/rules.ts';

const days = 86_400;
const year2255 = 9_000_000_000;
const pair = { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' };
const upload = { srcaddr: '10.0.1.5', srcport: 50_000, dstaddr: '198.18.0.9', dstport: 443 };

/** The function with counters in memory, at a day of a simulated time. */
function simulated() {
  const alerts: AlertBody[] = [];
  const onAlert = ({ body }: { body: string }) => {
    alerts.push(JSON.parse(body) as AlertBody);
  };
  const engine = createMemoryEngine({ formats: [v2], rules: defaultRules }, onAlert);
  const send = async (lines: string[], day: number, more: object = {}) => {
    await engine.invoke({ ...eventOf(lines, epoch + day * days), ...more });
  };
  /** Returns lines of rejects that end a minute before the day, unless `values` say otherwise. */
  const rejects = (count: number, day: number, values: Record<string, string | number> = {}) => {
    const time = epoch + day * days - 60;
    return Array.from({ length: count }, (_, n) =>
      lineOf({ ...pair, action: 'REJECT', srcport: 40_000 + n, start: time - 10, end: time, ...values }),
    );
  };
  const daysOf = (rule: string) =>
    alerts.filter((alert) => alert.rule === rule).map(({ window }) => Math.round((window.to - epoch) / days));
  return { engine, send, rejects, daysOf };
}

const everyFifthDay = [5, 10, 15, 20, 25, 30, 35, 40];

describe('transform', () => {
  it.each([
    ['in 2255', { end: year2255 }],
    ['in 2038', { end: 2_147_483_647 }],
    ['in 1970', { start: 1, end: 1 }],
    ['a day after their arrival', { end: epoch + days }],
  ])('raises the alerts of forty days when most flows of a batch ended %s', async (_, forged) => {
    const { engine, send, rejects, daysOf } = simulated();
    await send([...rejects(12, 0, forged), ...rejects(5, 0, { dstport: 22 })], 0);
    for (const day of everyFifthDay) await send(rejects(40, day), day);
    expect(daysOf('repeated_rejects')).toEqual(everyFifthDay);
    const [counter] = await engine.pairs();
    expect(counter).toMatchObject({
      rejects: 12 + 5 + 8 * 40,
      firstSeen: epoch - 70,
      lastSeen: epoch + 40 * days - 60,
    });
    expect(engine.implausibleTimes()).toBe(12);
  });

  it.each([
    ['has no forged time', {}],
    ['started in 1970', { start: 1 }],
    ['ended in 1970', { start: 1, end: 1 }],
    ['ended in 2255', { end: year2255 }],
  ])('alerts on an upload to a new address when the first flow %s', async (_, forged) => {
    const { send, rejects, daysOf } = simulated();
    await send(rejects(1, 0), 0);
    const flow = (day: number, bytes: number) => {
      const end = epoch + day * days - 60;
      return { ...upload, bytes, start: end - 10, end };
    };
    await send([lineOf({ ...flow(20, 1000), ...forged })], 20);
    await send([lineOf(flow(20.5, 30_000_000))], 20.5);
    expect(daysOf('exfiltration_to_rare_destination')).toEqual([21]);
  });

  it('counts in windows of any past time when the event is a backfill', async () => {
    const sendOld = async (more: object) => {
      const { engine, send, rejects, daysOf } = simulated();
      await send(
        [...everyFifthDay.flatMap((day) => rejects(40, day)), ...rejects(12, 40, { end: year2255 })],
        40,
        more,
      );
      return { alerts: daysOf('repeated_rejects'), implausibleTimes: engine.implausibleTimes() };
    };
    expect(await sendOld({ backfill: true })).toEqual({ alerts: everyFifthDay, implausibleTimes: 12 });
    expect(await sendOld({})).toEqual({ alerts: [40], implausibleTimes: 7 * 40 + 12 });
  });

  it('names all 14 destinations of an alert when each of them arrives in another batch', async () => {
    const alerts: AlertBody[] = [];
    const rules = rulesOf(
      ruleText(
        '{action: ACCEPT}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 14, field: dstaddr}',
      ),
    );
    const engine = createMemoryEngine({ formats: [v2], rules }, ({ body }) => {
      alerts.push(JSON.parse(body) as AlertBody);
    });
    const destinations = Array.from({ length: 14 }, (_, n) => `10.0.4.${n + 1}`);
    for (const [n, dstaddr] of destinations.entries()) {
      const end = epoch + n * 120;
      await engine.invoke({ ...eventOf([lineOf({ dstaddr, start: end - 10, end })], end + 60) });
    }
    expect(alerts.map(({ distinct, evidence }) => ({ distinct, inBatch: evidence.dstaddr }))).toEqual([
      { distinct: { field: 'dstaddr', values: destinations, more: 0 }, inBatch: ['10.0.4.14'] },
    ]);
  });

  it('takes the arrival of the batch for a record without an arrival', async () => {
    const { engine, rejects, daysOf } = simulated();
    const withoutArrival = ({ approximateArrivalTimestamp: _, ...record }: ReturnType<typeof eventOf>['records'][0]) =>
      record;
    const { records } = eventOf(rejects(40, 0));
    await engine.invoke({ records: records.map((record, n) => (n === 0 ? record : withoutArrival(record))) });
    await engine.invoke({ records: eventOf(rejects(40, 10)).records.map(withoutArrival) });
    expect(daysOf('repeated_rejects')).toEqual([0, 10]);
    expect(engine.implausibleTimes()).toBe(0);
  });

  it('writes no marker when no flow of a batch belongs to a counter', async () => {
    const begin = () => Promise.reject(new Error('begin was called'));
    const wrapStore: MemoryEngineOptions['wrapStore'] = (store) => delegatingStore(store, { begin });
    const engine = createMemoryEngine({ formats: [v2], rules: rulesOf(), wrapStore });
    const noData = `2 123456789012 eni-0a1b2c3d4e5f60718 - - - - - - - ${epoch} ${epoch + 50} - NODATA`;
    await expect(engine.invoke(eventOf([noData]))).resolves.toMatchObject({ records: [{ recordId: 'record-0' }] });
    await expect(engine.invoke(eventOf([lineOf()]))).rejects.toThrow('begin was called');
  });

  it.each(['true', 1, null, {}])('rejects an event whose backfill is %j', async (backfill) => {
    const { engine, rejects } = simulated();
    const event = { ...eventOf(rejects(1, 0)), backfill };
    await expect(engine.invoke(event)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  });
});
