import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalPorts, readPresentCounter } from '../../../cli/counter-table/present-counter.ts';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { FlowError } from '../../../lambda/common/errors.ts';
import type { Journal } from '../../../lambda/journal/journal.ts';
import { laneNumberOf } from '../../../lambda/journal/lane.ts';
import { anyFlowValues, lineOf } from '../../support/flows.ts';
import { JournalInMemory } from '../../support/journal-in-memory.ts';
import { plainCounter } from '../../support/plain-counter.ts';
import { defaultRules } from '../../support/rules.ts';

const signal = new AbortController().signal;
const limits = { deltas: 3, pages: 2, chunkDeltas: 2 };
const pair = 'pair#10.0.1.5#10.0.2.7';

function portsOf(stack: JournalInMemory): JournalPorts {
  const isComplete: JournalPorts['isComplete'] = (batch) => stack.counters.isComplete(batch);
  return { journal: stack.journal, isComplete, now: () => stack.clock, signal };
}

async function present(stack: JournalInMemory, pk: string) {
  const sets = await stack.journal.laneSets(stack.clock);
  return readPresentCounter(pk, sets, () => stack.counters.read(pk), portsOf(stack));
}

/** Returns a flow's line that no other batch has. */
let numbers = 0;
const lines = (flows: readonly Record<string, string | number>[]) => {
  numbers += 1;
  return flows.map((values) => lineOf({ ...values, srcport: 1000 + (numbers % 60_000) }));
};

const stopped = () => Promise.reject(new FlowError('DEADLINE_NEAR', 'the process stopped'));

/** Flushes with a process that stops at some point; the next flush takes over. */
const interruptions = {
  none: (stack: JournalInMemory) => stack.flush(),
  beforeFreeze: (stack: JournalInMemory) =>
    stack.flush('process1', { journal: replacing(stack.journal, { freeze: stopped }) }),
  afterSomeUpdates: (stack: JournalInMemory) => {
    let updates = 0;
    const counters = delegatingStore(stack.counters, {
      add: (delta, batch) => (updates++ < 3 ? stack.counters.add(delta, batch) : stopped()),
    });
    return stack.flush('process1', { counters });
  },
  beforeAlerts: (stack: JournalInMemory) =>
    stack.flush('process1', { journal: replacing(stack.journal, { advance: stopped }) }),
} as const;

/** Returns a journal with some methods replaced. */
function replacing(journal: Journal, methods: Partial<Journal>): Journal {
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('readPresentCounter', () => {
  it('returns what direct counting would have counted, at any moment of puts, flushes and their failures', async () => {
    const steps = fc.array(
      fc.record({
        flows: fc.array(anyFlowValues, { minLength: 1, maxLength: 8 }),
        lanes: fc.constantFrom(16, 16, 128, 0),
        isPutTwice: fc.boolean(),
        flush: fc.constantFrom(undefined, undefined, ...(Object.keys(interruptions) as (keyof typeof interruptions)[])),
        seconds: fc.constantFrom(0, 30, 400),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(undefined, limits),
        async (all, freezeLimits: typeof limits | undefined) => {
          const direct = new JournalInMemory(defaultRules, { lanes: 0 });
          const stack = new JournalInMemory(defaultRules, { ...(freezeLimits && { limits: freezeLimits }) });
          for (const { flows, lanes, isPutTwice, flush, seconds } of all) {
            const batch = lines(flows);
            const journal = { journal: stack.journal, lanes, isNotable: () => false, now: () => stack.clock };
            await direct.put(batch);
            await stack.put(batch, { journal });
            // The first attempt was not completed, so the pages are put again.
            const counters = delegatingStore(stack.counters, {
              begin: async (...args) => ({ ...(await stack.counters.begin(...args)), isCounted: false }),
            });
            if (isPutTwice && lanes > 0) await stack.put(batch, { journal, counters });
            const flushing = flush && interruptions[flush](stack).catch(() => undefined);
            // A read may fall into the middle of a flush.
            const during = await Promise.all([...direct.counters.counters.keys()].map((pk) => present(stack, pk)));
            await flushing;
            for (const [index, [pk, counter]] of [...direct.counters.counters].entries()) {
              const expected = plainCounter(counter, defaultRules);
              const after = await present(stack, pk);
              expect(after.inexact).toBeUndefined();
              expect(plainCounter(after.counter!, defaultRules)).toEqual(expected);
              const read = during[index]!;
              if (!read.inexact) expect(plainCounter(read.counter!, defaultRules)).toEqual(expected);
            }
            stack.clock += seconds;
            direct.clock += seconds;
          }
        },
      ),
    );
  });

  it('counts no update of a chunk that is complete when the counter has dropped the token of the chunk', async () => {
    const stack = new JournalInMemory(defaultRules);
    await stack.put(lines([{ bytes: 7 }]));
    await interruptions.beforeAlerts(stack);
    (stack.counters.counters.get(pair)!.dedupTokens as Map<number, unknown>).clear();
    expect(await present(stack, pair)).toMatchObject({ counter: { bytes: 7 }, waiting: 0, inexact: undefined });
  });

  it('says until when the flows are counted when a flush runs during every attempt', async () => {
    const stack = new JournalInMemory(defaultRules);
    let reads = 0;
    const read = await readPresentCounter(
      pair,
      [16],
      async () => {
        reads += 1;
        stack.clock += 300;
        await stack.put(lines([{ bytes: 7 }]));
        if (reads <= 5) await stack.flush();
        return stack.counters.read(pair);
      },
      portsOf(stack),
    );
    expect(reads).toBe(6);
    expect(read).toMatchObject({
      counter: { bytes: 35 },
      inexact: { countedUntil: stack.clock - 300, reason: expect.stringContaining('during each of 5 attempts') },
    });
  });

  it('says until when the flows are counted when a page cannot be read', async () => {
    const stack = new JournalInMemory(defaultRules);
    await stack.put(lines([{ bytes: 7 }]));
    await stack.flush();
    const page = { batch: 'newer-----------', parts: 0xffff_ffff, putAt: stack.clock, firstAttempt: stack.clock };
    await stack.journal.putPage(laneOf(stack), { ...page, deltas: 1, bytes: Uint8Array.from([99]) });
    const read = await present(stack, pair);
    expect(read).toMatchObject({ counter: { bytes: 7 }, inexact: { countedUntil: stack.clock } });
    expect(read.inexact!.reason).toContain('version');
  });

  it('returns no counter when nothing of the key is stored', async () => {
    const stack = new JournalInMemory(defaultRules);
    await stack.put(lines([{ srcaddr: '10.0.1.6' }]));
    expect(await present(stack, pair)).toEqual({ counter: undefined, waiting: 0, inexact: undefined });
  });
});

function laneOf(stack: JournalInMemory) {
  return { lanes: 16, number: laneNumberOf(pair, 16, stack.journal.seed) };
}
