import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextFeed, type Delivery } from '../../../cli/context/context-feed.ts';
import { changeWith, findingWith } from '../../support/around-events.ts';

/** A feed of changes at these times, and what it delivers. @param again answers each delivery */
function feedOf(times: readonly number[], again: (delivery: Delivery) => number | undefined = () => undefined) {
  const delivered: Delivery[] = [];
  const events = times.map((time, index) => ({ event: changeWith({ id: `${index}`, time }), raw: {} }));
  const feed = new ContextFeed(events, async (delivery) => {
    delivered.push(delivery);
    return again(delivery);
  });
  return { feed, delivered, times: () => delivered.map(({ time }) => time) };
}

describe('ContextFeed', () => {
  it('delivers what is due, in order of time', async () => {
    const { feed, times } = feedOf([30, 10, 20, 40]);
    await feed.deliverUntil(20);
    expect(times()).toEqual([10, 20]);
    expect(feed.now).toBe(20);
    await feed.finish();
    expect(times()).toEqual([10, 20, 30, 40]);
    expect(feed.now).toBe(40);
  });

  it('delivers a finding when it was updated, not when it was last seen', async () => {
    const delivered: number[] = [];
    const feed = new ContextFeed([{ event: findingWith({ last: 10, updated: 500 }), raw: {} }], async ({ time }) => {
      delivered.push(time);
      return undefined;
    });
    await feed.deliverUntil(499);
    expect(delivered).toEqual([]);
    await feed.deliverUntil(500);
    expect(delivered).toEqual([500]);
  });

  it('looks at an event again after the time that is asked for', async () => {
    const { feed, delivered } = feedOf([10, 70], ({ event, isFirst }) =>
      event.id === '0' && isFirst ? 60 : undefined,
    );
    await feed.deliverUntil(69);
    expect(delivered).toHaveLength(1);
    await feed.finish();
    expect(delivered.map(({ time, isFirst }) => [time, isFirst])).toEqual([
      [10, true],
      [70, true],
      [70, false],
    ]);
  });

  it('never goes back in time, whatever is delivered when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(100), { maxLength: 12 }),
        fc.array(fc.nat(100), { maxLength: 6 }),
        fc.array(fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }), { maxLength: 12 }),
        async (times, until, answers) => {
          const left = [...answers];
          const { feed, delivered } = feedOf(times, () => left.shift());
          const seen: number[] = [];
          for (const time of until) {
            await feed.deliverUntil(time);
            seen.push(feed.now);
            expect(feed.now).toBeGreaterThanOrEqual(time);
          }
          await feed.finish();
          const all = delivered.map(({ time }) => time);
          expect(all).toEqual(all.toSorted((a, b) => a - b));
          expect(seen).toEqual(seen.toSorted((a, b) => a - b));
          expect(delivered.filter(({ isFirst }) => isFirst)).toHaveLength(times.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
