import { describe, expect, it } from 'vitest';
import { countedUntilOf } from '../../../cli/counter-table/live-journal.ts';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { FlowError } from '../../../lambda/common/errors.ts';
import { laneNumberOf } from '../../../lambda/journal/lane.ts';
import { lineOf } from '../../support/flows.ts';
import { JournalInMemory } from '../../support/journal-in-memory.ts';
import { defaultRules } from '../../support/rules.ts';

const signal = new AbortController().signal;

async function withOneFlush() {
  const stack = new JournalInMemory(defaultRules);
  await stack.put([lineOf()]);
  await stack.flush();
  const lane = { lanes: 16, number: laneNumberOf('pair#10.0.1.5#10.0.2.7', 16, stack.journal.seed) };
  return {
    stack,
    flushedAt: stack.clock,
    countedUntil: () => countedUntilOf(lane, stack.journal, stack.clock, signal),
  };
}

describe('countedUntilOf', () => {
  it('returns the time of the last flush when it is recent', async () => {
    const { stack, flushedAt, countedUntil } = await withOneFlush();
    stack.clock += 300;
    await stack.put([lineOf({ bytes: 7 })]);
    expect(await countedUntil()).toBe(flushedAt);
  });

  it('returns the present time when flushes have found nothing for a long time', async () => {
    const { stack, countedUntil } = await withOneFlush();
    stack.clock += 7200;
    expect(await countedUntil()).toBe(stack.clock);
  });

  it('returns the time of the first page that waits when the last flush is long ago', async () => {
    const { stack, countedUntil } = await withOneFlush();
    stack.clock += 3600;
    const putAt = stack.clock;
    await stack.put([lineOf({ bytes: 7 })]);
    stack.clock += 3600;
    await stack.put([lineOf({ bytes: 8 })]);
    expect(await countedUntil()).toBe(putAt);
  });

  it('returns the time of the first page of a flush when the flush is not finished', async () => {
    const { stack, countedUntil } = await withOneFlush();
    stack.clock += 3600;
    const putAt = stack.clock;
    await stack.put([lineOf({ bytes: 7 })]);
    await stack.flush('process1', { counters: stoppingStore(stack) });
    expect(await countedUntil()).toBe(putAt);
  });
});

/** Returns a store whose process stops before it counts. */
function stoppingStore({ counters }: JournalInMemory) {
  return delegatingStore(counters, { begin: () => Promise.reject(new FlowError('DEADLINE_NEAR', 'stopped')) });
}
