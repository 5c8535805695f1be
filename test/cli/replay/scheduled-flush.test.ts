import { describe, expect, it } from 'vitest';
import { type RunFlush, ScheduledFlush } from '../../../cli/replay/scheduled-flush.ts';
import { epoch, eventOf, lineOf, v2 } from '../../support/flows.ts';

const nothingLeft: RunFlush = { deferred: 0, uncountedSeconds: 0, problems: [] };

/** Runs events that arrive at these seconds after `epoch`, and returns the seconds of the flushes. */
async function flushesOf(arrivals: readonly number[], results: readonly RunFlush[] = []) {
  const left = [...results];
  const flushes: number[] = [];
  const schedule: ScheduledFlush = new ScheduledFlush(300, [v2], async () => {
    flushes.push(schedule.now - epoch);
    return left.shift() ?? nothingLeft;
  });
  const clocks: number[] = [];
  for (const arrival of arrivals) {
    await schedule.before(eventOf([lineOf()], epoch + arrival));
    clocks.push(schedule.now - epoch);
  }
  const before = flushes.length;
  await schedule.finish();
  return { before: flushes.slice(0, before), after: flushes.slice(before), clocks };
}

describe('ScheduledFlush', () => {
  it('flushes before the first event that arrives an interval after the last flush', async () => {
    const { before, after, clocks } = await flushesOf([0, 60, 299, 301, 600]);
    expect(before).toEqual([300, 600]);
    expect(after).toEqual([600]);
    expect(clocks).toEqual([0, 60, 299, 301, 600]);
  });

  it('never sets the clock back when an event arrived before an earlier one', async () => {
    const { before, clocks } = await flushesOf([400, 0, 650, 701]);
    expect(clocks).toEqual([400, 400, 650, 701]);
    expect(before).toEqual([700]);
  });

  it('flushes some times across a gap, the last time at the last time that is due', async () => {
    const { before } = await flushesOf([0, 86_400 + 17]);
    expect(before.slice(0, 3)).toEqual([300, 600, 900]);
    expect(before).toHaveLength(24);
    expect(before.at(-1)).toBe(86_400);
  });

  it('flushes after the last event until nothing is left, a minute later for each minute of deferred alerts', async () => {
    const partial = { ...nothingLeft, uncountedSeconds: 60 };
    const { after } = await flushesOf([0], [partial, { ...nothingLeft, deferred: 3 }, nothingLeft]);
    expect(after).toEqual([0, 0, 60]);
    const { after: bounded } = await flushesOf(
      [0],
      Array.from({ length: 200 }, () => ({ ...nothingLeft, deferred: 1 })),
    );
    expect(bounded).toHaveLength(60);
  });

  it('takes the end of the last flow as the arrival when the records have none', async () => {
    const schedule = new ScheduledFlush(300, [v2], async () => nothingLeft);
    const { records, ...event } = eventOf([lineOf({ end: epoch + 40 }), lineOf()]);
    const untimed = records.map(({ recordId, data }) => ({ recordId, data }));
    await schedule.before({ ...event, records: untimed });
    expect(schedule.now).toBe(epoch + 50);
    expect(schedule.origin).toEqual({ account: '123456789012', region: 'us-east-1' });
  });

  it('ignores an invalid event, and flushes nothing without an event', async () => {
    const flushes: number[] = [];
    const schedule = new ScheduledFlush(300, [v2], async () => {
      flushes.push(1);
      return nothingLeft;
    });
    await schedule.before({ records: 7 });
    await schedule.finish();
    expect({ now: schedule.now, flushes }).toEqual({ now: 0, flushes: [] });
  });

  it('throws when a flush has a problem', async () => {
    const failed = flushesOf([0], [{ ...nothingLeft, problems: ['a page is damaged'] }]);
    await expect(failed).rejects.toThrow('the journal cannot be counted: a page is damaged');
  });
});
