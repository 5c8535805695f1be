import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { FlowError } from '../../../lambda/common/errors.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import { laneNumberOf, lanesOf } from '../../../lambda/journal/lane.ts';
import { anyFlowValues, epoch, lineOf } from '../../support/flows.ts';
import { JournalInMemory } from '../../support/journal-in-memory.ts';
import { defaultRules, rulesOf, ruleText } from '../../support/rules.ts';

const rules = rulesOf(
  ruleText(
    '{action: REJECT}',
    'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 2}',
    'alert: {suppress: 1d, escalate: [10], ended: true}',
  ),
);

const rejects = (count: number, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) =>
    lineOf({ srcaddr: '203.0.113.9', action: 'REJECT', srcport: 40_000 + n, ...values }),
  );

/** A record of a minute without flows. */
const noFlow = (end: number) => `2 123456789012 eni-0a1b2c3d4e5f60718 - - - - - - - ${end - 60} ${end} - NODATA`;

interface Body {
  readonly id: string;
  readonly rule: string;
  readonly value: number;
  readonly ended?: boolean;
  readonly digest?: { readonly alerts: number };
}

/** Returns what the counters hold, without what only tells how it came there. */
function plainCounters({ counters, rules: { series } }: JournalInMemory) {
  const plain = ({ bytes, rejects: all, firstSeen, lastSeen, slots }: Counter) => {
    // A slot of presence holds any positive number.
    const meaning = [...slots].map(([id, values]) => {
      const isPresence = series.get(id)?.measure.kind === 'presence';
      return [id, isPresence ? new Map([...values.keys()].map((slot) => [slot, true])) : values] as const;
    });
    return { bytes, rejects: all, firstSeen, lastSeen, slots: new Map(meaning) };
  };
  return new Map([...counters.counters].map(([pk, counter]) => [pk, plain(counter)]));
}

describe('flush', () => {
  it('counts what batches have put, once, and alerts', async () => {
    const stack = new JournalInMemory(rules);
    await stack.put(rejects(2));
    stack.clock += 60;
    await stack.put(rejects(2, { dstport: 22 }));
    expect(stack.counters.counters.size).toBe(0);
    const first = await stack.flush();
    expect(first).toMatchObject({ pages: 2, countersTouched: 1, uncountedSeconds: 0, problems: [] });
    expect([...plainCounters(stack).values()]).toMatchObject([{ rejects: 4 }]);
    expect(stack.alerts<Body>()).toMatchObject([{ rule: 'rule_0', value: 4 }]);
    stack.clock += 300;
    expect(await stack.flush()).toMatchObject({ pages: 0, countersTouched: 0, problems: [] });
    expect([...plainCounters(stack).values()]).toMatchObject([{ rejects: 4 }]);
    expect(stack.sent).toHaveLength(1);
  });

  it('leaves the counters that batches counted directly would leave, however flushes fall between them', async () => {
    const batches = fc.array(
      fc.record({
        flows: fc.array(anyFlowValues, { minLength: 1, maxLength: 12 }),
        isFlushed: fc.boolean(),
        isAgain: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const limits = fc.constantFrom(undefined, { deltas: 3, pages: 2, chunkDeltas: 2 });
    await fc.assert(
      fc.asyncProperty(batches, limits, fc.constantFrom(16, 128), async (all, freezeLimits, lanes) => {
        const direct = new JournalInMemory(defaultRules, { lanes: 0 });
        const stack = new JournalInMemory(defaultRules, { lanes, ...(freezeLimits && { limits: freezeLimits }) });
        for (const [number, { flows, isFlushed, isAgain }] of all.entries()) {
          const lines = flows.map((values) => lineOf({ ...values, srcport: 1000 + number }));
          await direct.put(lines);
          await stack.put(lines);
          if (isFlushed) await stack.flush();
          if (isAgain) {
            stack.clock += 60;
            // The first attempt was not completed, so the pages are put again.
            const incomplete = delegatingStore(stack.counters, {
              begin: async (...args) => ({ ...(await stack.counters.begin(...args)), isCounted: false }),
            });
            stack.clock -= 60;
            await stack.put(lines, { counters: incomplete });
          }
          stack.clock += 30;
          direct.clock += 30;
        }
        expect((await stack.flush())?.problems ?? []).toEqual([]);
        expect(plainCounters(stack)).toEqual(plainCounters(direct));
      }),
    );
  });

  it('sends the alerts of all lanes in one digest', async () => {
    const stack = new JournalInMemory(rules);
    const sources = Array.from({ length: 40 }, (_, n) => `198.51.100.${n + 1}`);
    await stack.put(sources.flatMap((srcaddr) => rejects(3, { srcaddr })));
    const lanes = new Set([...sources].map((src) => laneNumberOf(`pair#${src}#10.0.2.7`, 16, stack.journal.seed)));
    expect(lanes.size).toBeGreaterThan(8);
    await stack.flush();
    expect(stack.alerts<Body>()).toHaveLength(1);
    expect(stack.alerts<Body>()[0]!.digest!.alerts).toBe(40);
  });

  it('does nothing while another process holds the lanes, and takes them when the lease has ended', async () => {
    const stack = new JournalInMemory(rules);
    await stack.put(rejects(3));
    for (const lane of lanesOf(16)) await stack.journal.lease(lane, 'another', stack.clock, stack.clock + 360);
    expect(await stack.flush()).toMatchObject({ lanes: 0, lanesHeldElsewhere: 16, pages: 0 });
    stack.clock += 361;
    expect(await stack.flush()).toMatchObject({ lanes: 16, lanesHeldElsewhere: 0, pages: 1 });
    expect(stack.sent).toHaveLength(1);
  });

  it('sends an alert with the same id when the process stopped after it had counted', async () => {
    const stack = new JournalInMemory(rules);
    await stack.put(rejects(3));
    const stopped = delegatingStore(stack.counters, {
      claim: () => Promise.reject(new FlowError('DEADLINE_NEAR', 'the process stopped')),
    });
    await expect(stack.flush('process1', { counters: stopped })).rejects.toThrow('the process stopped');
    expect([...plainCounters(stack).values()]).toMatchObject([{ rejects: 3 }]);
    stack.clock += 60;
    await stack.put(rejects(3, { srcaddr: '198.51.100.7' }));
    await stack.flush('process2');
    expect([...plainCounters(stack).values()].map(({ rejects: all }) => all)).toEqual([3, 3]);
    expect(new Set(stack.alerts<Body>().map(({ id }) => id)).size).toBe(2);
  });

  it('publishes an alert once in a flush when its mark is refused, and again in the next flush', async () => {
    const stack = new JournalInMemory(rules);
    await stack.put(rejects(3));
    const refusing = delegatingStore(stack.counters, {
      markSent: () => Promise.reject(new FlowError('COUNT_FAILED', 'refused')),
    });
    await expect(stack.flush('process1', { counters: refusing })).rejects.toThrow('refused');
    expect(stack.sent).toHaveLength(1);
    await stack.flush();
    expect(new Set(stack.alerts<Body>().map(({ id }) => id)).size).toBe(1);
    expect(stack.sent).toHaveLength(2);
  });

  it('counts on while the topic takes no message, and sends the alerts later', async () => {
    const stack = new JournalInMemory(rules);
    stack.isTopicUp = false;
    await stack.put(rejects(3));
    expect(await stack.flush()).toMatchObject({ problems: [{ code: 'ALERT_FAILED' }], uncountedSeconds: 0 });
    stack.clock += 60;
    await stack.put(rejects(3, { srcaddr: '198.51.100.7' }));
    await stack.flush();
    expect([...plainCounters(stack).values()].map(({ rejects: all }) => all)).toEqual([3, 3]);
    expect(stack.sent).toEqual([]);
    stack.isTopicUp = true;
    stack.clock += 120;
    await stack.flush();
    expect(stack.alerts<Body>()).toHaveLength(2);
  });

  it('flushes the other lanes when a page cannot be read, and waits for it', async () => {
    const stack = new JournalInMemory(rules);
    const sources = Array.from({ length: 20 }, (_, n) => `198.51.100.${n + 1}`);
    await stack.put(sources.flatMap((srcaddr) => rejects(3, { srcaddr })));
    const broken = lanesOf(16)[laneNumberOf('pair#198.51.100.1#10.0.2.7', 16, stack.journal.seed)]!;
    const page = {
      batch: 'newer-----------',
      parts: 0xffff_ffff,
      putAt: stack.clock,
      firstAttempt: stack.clock,
      deltas: 1,
      bytes: Uint8Array.from([99]),
    };
    await stack.journal.putPage(broken, page);
    const result = await stack.flush();
    expect(result!.problems).toMatchObject([{ code: 'PAGE_VERSION' }]);
    const counted = stack.counters.counters;
    expect(counted.has('pair#198.51.100.1#10.0.2.7')).toBe(false);
    expect(counted.size).toBeGreaterThan(10);
    stack.clock += 60;
    // Only the lane that is behind is flushed before it is time.
    expect(await stack.flush('process1', {}, false)).toMatchObject({ lanes: 1, problems: [{ code: 'PAGE_VERSION' }] });
    stack.clock += 240;
    expect(await stack.flush('process1', {}, false)).toMatchObject({ lanes: 16, problems: [{ code: 'PAGE_VERSION' }] });
  });

  it('leaves out a key whose update the table refuses in three flushes, and counts the others', async () => {
    const stack = new JournalInMemory(rules);
    const sources = Array.from({ length: 40 }, (_, n) => `198.51.100.${n + 1}`);
    await stack.put(sources.flatMap((srcaddr) => rejects(3, { srcaddr })));
    const pk = 'pair#198.51.100.1#10.0.2.7';
    const refusing = delegatingStore(stack.counters, {
      add: (delta, batch) =>
        delta.key.pk === pk
          ? Promise.reject(new FlowError('COUNT_FAILED', 'too large', { refusedKey: pk }))
          : stack.counters.add(delta, batch),
    });
    // The second flush is a minute later, and its lane a minute behind.
    for (const [behind, code] of [
      [false, 'COUNT_FAILED'],
      [true, 'COUNT_FAILED'],
      [false, 'JOURNAL_BROKEN'],
    ] as const) {
      const result = await stack.flush('process1', { counters: refusing });
      expect(result!.problems).toMatchObject([{ code, message: expect.stringContaining('too large') }]);
      expect(result!.uncountedSeconds > 0).toBe(behind);
      stack.clock += 60;
    }
    expect(stack.counters.counters.size).toBe(39);
    expect(stack.alerts<Body>().reduce((sum, { digest }) => sum + (digest?.alerts ?? 1), 0)).toBe(39);
    expect(await stack.flush()).toMatchObject({ problems: [], uncountedSeconds: 0 });
  });

  it('counts and alerts for the other lanes when the table refuses the alert of one key', async () => {
    const stack = new JournalInMemory(rules);
    const sources = Array.from({ length: 40 }, (_, n) => `198.51.100.${n + 1}`);
    await stack.put(sources.flatMap((srcaddr) => rejects(3, { srcaddr })));
    const pk = 'pair#198.51.100.1#10.0.2.7';
    const ofLane = sources.filter((src) => laneOf(`pair#${src}#10.0.2.7`) === laneOf(pk)).length;
    const counters = delegatingStore(stack.counters, {
      claim: (key, record, replaces, observed) =>
        key === pk
          ? Promise.reject(new FlowError('COUNT_FAILED', 'too large'))
          : stack.counters.claim(key, record, replaces, observed),
    });
    const alerted = () => stack.alerts<Body>().reduce((sum, { digest }) => sum + (digest?.alerts ?? 1), 0);
    const result = await stack.flush('process1', { counters });
    expect(result!.problems).toMatchObject([{ code: 'COUNT_FAILED', message: expect.stringContaining('too large') }]);
    expect(alerted()).toBe(40 - ofLane);
    const behind = [...stack.journal.lanes].filter(([, { state }]) => state.phase === 'apply');
    expect(behind.map(([name]) => name)).toEqual([`16.${laneOf(pk)}`]);
    stack.clock += 60;
    expect(await stack.flush('process1')).toMatchObject({ problems: [], uncountedSeconds: 0 });
    expect(alerted()).toBe(40);

    function laneOf(key: string): number {
      return laneNumberOf(key, 16, stack.journal.seed);
    }
  });

  it('tells that an alert has ended only by counters that have all flows', async () => {
    const stack = new JournalInMemory(rules);
    await stack.put(rejects(3));
    await stack.flush();
    const ended = () => stack.alerts<Body>().filter(({ ended: isEnded }) => isEnded);
    stack.clock += 3600;
    const end = stack.clock - 60;
    await stack.put(rejects(3, { start: end - 10, end }));
    await stack.flush('process1', { lastStart: AbortSignal.abort() });
    expect(ended()).toEqual([]);
    stack.clock += 7200;
    await stack.flush('process1', { lastStart: AbortSignal.abort() });
    expect(ended()).toEqual([]);
    await stack.flush();
    stack.clock += 61;
    await stack.flush();
    expect(ended()).toHaveLength(1);
  });
});

it('tells no end of an alert by a batch while a page may hold flows of its key', async () => {
  const stack = new JournalInMemory(rules);
  await stack.put(rejects(3));
  await stack.flush();
  stack.clock += 7200;
  await stack.put(rejects(3, { start: stack.clock - 70, end: stack.clock - 60 }));
  await stack.put([noFlow(stack.clock)]);
  expect(stack.alerts<Body>()).toHaveLength(1);
  await stack.flush();
  stack.clock += 7200;
  await stack.flush();
  expect(stack.alerts<Body>().map(({ ended }) => ended)).toEqual([false, true]);
});

it('follows up alerts of batches that were counted directly before the first page was put', async () => {
  const stack = new JournalInMemory(rules);
  const direct = { journal: stack.journal, lanes: 0, isNotable: () => false, now: () => stack.clock };
  await stack.put(rejects(3), { journal: direct });
  expect(await stack.flush()).toMatchObject({ lanes: 0 });
  expect(stack.alerts<Body>()).toHaveLength(1);
  stack.clock += 7200;
  await stack.flush();
  expect(stack.alerts<Body>().map(({ ended }) => ended)).toEqual([false, true]);
});

it('tells no end of an alert while a lane is behind that was never counted', async () => {
  const stack = new JournalInMemory(rules);
  const direct = { journal: stack.journal, lanes: 0, isNotable: () => false, now: () => stack.clock };
  await stack.put(rejects(3), { journal: direct });
  stack.clock += 7200;
  await stack.put(rejects(3, { start: stack.clock - 70, end: stack.clock - 60 }));
  await stack.flush('process1', { lastStart: AbortSignal.abort() });
  expect(stack.alerts<Body>()).toHaveLength(1);
});

it('continues at the next invocation when the time was over before all was counted', async () => {
  const stack = new JournalInMemory(rules);
  await stack.put(rejects(3));
  const isForced = false;
  expect(await stack.flush('process1', { lastStart: AbortSignal.abort() }, isForced)).toMatchObject({ lanes: 16 });
  stack.clock += 60;
  expect(await stack.flush('process1', {}, isForced)).toMatchObject({ lanes: 16, pages: 1 });
  stack.clock += 60;
  expect(await stack.flush('process1', {}, isForced)).toMatchObject({ lanes: 0 });
});

it('keeps counting a lane in pieces when it takes less than there is', async () => {
  const stack = new JournalInMemory(rules, { limits: { deltas: 1, pages: 1, chunkDeltas: 1 } });
  for (let n = 0; n < 5; n += 1) {
    await stack.put(rejects(2, { dstport: 100 + n }));
    stack.clock += 10;
  }
  expect(await stack.flush()).toMatchObject({ pages: 5, uncountedSeconds: 0, problems: [] });
  expect([...plainCounters(stack).values()]).toMatchObject([{ rejects: 10, firstSeen: epoch }]);
});

it('reports the age of a page, and not the time without pages before it, when a lane falls behind', async () => {
  const stack = new JournalInMemory(rules);
  await stack.put(rejects(3));
  await stack.flush();
  stack.clock += 7200;
  await stack.flush();
  stack.clock += 60;
  await stack.put(rejects(3, { dstport: 22 }));
  const throttled = () => Promise.reject(new FlowError('COUNT_FAILED', 'throttled'));
  Object.assign(stack.journal, { putChunk: throttled });
  expect(await stack.flush()).toMatchObject({ uncountedSeconds: 60 });
  Reflect.deleteProperty(stack.journal, 'putChunk');
  const counters = delegatingStore(stack.counters, { begin: throttled });
  stack.clock += 10;
  expect(await stack.flush('process2', { counters })).toMatchObject({ uncountedSeconds: 10 });
});
