import { describe, expect, it } from 'vitest';
import { MemoryJournal } from '../../../emulators/memory-journal.ts';
import { FlowError } from '../../../lambda/common/errors.ts';
import { KnownSlots } from '../../../lambda/count/known-slots.ts';
import { pairKey } from '../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { deltasOf as deltasOfColumns } from '../../../lambda/journal/columns/delta-columns.ts';
import type { Page } from '../../../lambda/journal/journal.ts';
import { allParts, laneNumberOf, lanesOf, partOf, partsOfLane } from '../../../lambda/journal/lane.ts';
import { unpackPage } from '../../../lambda/journal/page/page.ts';
import {
  type BatchInJournal,
  maxPageBytes,
  type PageContents,
  type PutPorts,
  putPages,
} from '../../../lambda/journal/put-pages.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';
import { anySeries } from './any-deltas.ts';

const signal = new AbortController().signal;
const batch = { dedupToken: 'ABCDEFGH', check: 'abcdefgh', arrival: epoch };
const counting = { lanes: 16, firstAttempt: epoch - 5, isRetry: false };

const rules = rulesOf(
  ruleText(
    '{action: ACCEPT}',
    'type: event_count, group-by: [interface-id], timespan: 1h, condition: {gte: 2}',
    'flow_sentinel: {active_slots: {gte: 2}}',
  ),
);

const manyDeltas = deltasOf(
  Array.from({ length: 200 }, (_, n) => ({ flow: flowOf({ srcaddr: `10.0.3.${n}` }), arrival: epoch })),
  rules,
);

/** The ports of a process, and what it has put. */
function process(replaced: Partial<PutPorts> = {}) {
  const journal = new MemoryJournal();
  const completed: string[] = [];
  const ports: PutPorts = {
    journal,
    counters: { complete: async ({ dedupToken }) => void completed.push(dedupToken) },
    now: () => epoch + 3,
    deadline: signal,
    ...replaced,
  };
  const put = (
    deltas: readonly KeyDelta[],
    more: Partial<PutPorts> = {},
    series: PageContents['series'] = rules.series,
    inJournal: BatchInJournal = counting,
  ) => putPages(deltas, batch, inJournal, { series }, { ...ports, ...more });
  const pages = async () => {
    const all: { page: Page; lane: number }[] = [];
    for (const lane of lanesOf(16)) {
      for await (const page of journal.pages(lane, 0, epoch * 2)) all.push({ page, lane: lane.number });
    }
    return all;
  };
  return { journal, completed, put, pages };
}

describe('putPages', () => {
  it('puts each delta into the lane of its key, in one page a lane, and completes the batch', async () => {
    const { journal, completed, put, pages } = process();
    await put(manyDeltas);
    const all = await pages();
    expect(new Set(all.map(({ lane }) => lane)).size).toBe(all.length);
    for (const { page, lane } of all) {
      const pks = deltasOfColumns(unpackPage(page.bytes)).map(({ key }) => key.pk);
      expect(pks.every((pk) => laneNumberOf(pk, 16, journal.seed) === lane)).toBe(true);
      expect(page).toMatchObject({
        ...{ batch: 'ABCDEFGHabcdefgh', parts: allParts, deltas: pks.length },
        ...{ putAt: epoch + 3, firstAttempt: epoch - 5 },
      });
    }
    expect(all.reduce((sum, { page }) => sum + page.deltas, 0)).toBe(manyDeltas.length);
    expect(completed).toEqual(['ABCDEFGH']);
    expect(await journal.laneSets(epoch)).toEqual([16]);
  });

  it('gives all pages of an attempt the time at which the attempt began to put', async () => {
    let clock = epoch;
    const { put, pages } = process({ now: () => clock++ });
    await put(manyDeltas);
    expect(new Set((await pages()).map(({ page }) => page.putAt))).toEqual(new Set([epoch]));
  });

  it('leaves out a slot of presence once a page holds it', async () => {
    const { put, pages } = process({ knownSlots: new KnownSlots(rules.series) });
    const ofPresence = manyDeltas.filter(({ key }) => !key.pk.startsWith('pair#'));
    expect(ofPresence).toHaveLength(1);
    await put(ofPresence);
    await put(ofPresence);
    expect(await pages()).toHaveLength(1);
  });

  it('leaves out no slot of presence when the batch is retried, since either page may be taken', async () => {
    const { journal, put } = process({ knownSlots: new KnownSlots(rules.series) });
    const ofPresence = manyDeltas.filter(({ key }) => !key.pk.startsWith('pair#'));
    await put(ofPresence);
    await put(ofPresence, { now: () => epoch - 60 }, rules.series, { ...counting, isRetry: true });
    const lane = { lanes: 16, number: laneNumberOf(ofPresence[0]!.key.pk, 16, journal.seed) };
    const deltas: number[] = [];
    for await (const page of journal.pages(lane, 0, epoch * 2)) deltas.push(page.deltas);
    expect(deltas).toEqual([1, 1]);
  });

  it('does not complete the batch, and knows no slot of it, when a page cannot be put', async () => {
    const knownSlots = new KnownSlots(rules.series);
    const { journal, completed, put } = process({ knownSlots });
    const failing = Object.assign(Object.create(journal) as MemoryJournal, {
      putPage: () => Promise.reject(new FlowError('COUNT_FAILED', 'throttled')),
      register: () => Promise.resolve(),
    });
    await expect(put(manyDeltas, { journal: failing })).rejects.toThrow('throttled');
    expect(completed).toEqual([]);
    expect(manyDeltas.some((delta) => knownSlots.isKnown(delta))).toBe(false);
  });

  it('puts no page before the set of lanes is recorded', async () => {
    const { journal, put, pages } = process();
    const failing = Object.assign(Object.create(journal) as MemoryJournal, {
      register: () => Promise.reject(new FlowError('COUNT_FAILED', 'throttled')),
    });
    await expect(put(manyDeltas, { journal: failing })).rejects.toThrow('throttled');
    expect(await pages()).toEqual([]);
  });

  it('puts a page for each part of a lane when one page would be too long for an item', async () => {
    const { journal, put, pages } = process();
    const random = (length: number) =>
      Array.from({ length }, () => Math.floor(Math.random() * 36).toString(36)).join('');
    const first = manyDeltas.find(({ key }) => key.pk.startsWith('pair#'))!;
    const keys = Array.from({ length: 10_000 }, (_, n) => pairKey(`10.9.${n >> 8}.${n & 255}`, '10.0.2.7'));
    const ofLane = keys.filter(({ pk }) => laneNumberOf(pk, 16, journal.seed) === 3).slice(0, 500);
    const long = ofLane.map((key): KeyDelta => {
      const values = Array.from({ length: 20 }, () => random(90));
      return { ...first, key, additions: [{ series: 'd3d3', slot: 1, values, cap: 100 }], evidence: new Map() };
    });
    await put(long, {}, anySeries);
    const all = await pages();
    expect(all.every(({ page }) => page.bytes.length <= maxPageBytes)).toBe(true);
    expect(all.length).toBe(partsOfLane);
    for (const { page } of all) {
      const pks = deltasOfColumns(unpackPage(page.bytes)).map(({ key }) => key.pk);
      expect(pks.every((pk) => partOf(pk, journal.seed) === page.parts)).toBe(true);
    }
    expect(all.reduce((sum, { page }) => sum + page.deltas, 0)).toBe(long.length);
  });

  it('refuses a batch whose first attempt is longer ago than the journal remembers', async () => {
    const { completed, pages } = process();
    const { put } = process({ now: () => epoch + 14 * 86_400 });
    await expect(put(manyDeltas)).rejects.toMatchObject({ code: 'COUNT_FAILED' });
    expect([...completed, ...(await pages())]).toEqual([]);
  });
});
