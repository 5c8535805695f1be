import { describe, expect, it } from 'vitest';
import { chooseIntake, intakeInterval } from '../../../lambda/journal/intake.ts';
import {
  type LaneState,
  newLane,
  type Page,
  pageLifetimeSeconds,
  pageRetentionSeconds,
  type TakenPages,
  takenRetentionSeconds,
} from '../../../lambda/journal/journal.ts';
import { allParts } from '../../../lambda/journal/lane.ts';
import { epoch } from '../../support/flows.ts';

const day = 86_400;

const page = (batch: string, putAt: number, values: Partial<Page> = {}): Page => ({
  batch,
  parts: allParts,
  putAt,
  firstAttempt: putAt,
  deltas: 1,
  bytes: new Uint8Array(),
  ...values,
});

const took = (until: number, ...parts: [string, number][]): TakenPages => ({
  freeze: { number: 1, attempt: '' },
  previous: newLane,
  until,
  parts: new Map(parts),
});

async function* iterate(pages: readonly Page[]): AsyncIterable<Page> {
  yield* pages;
}

const state: LaneState = { ...newLane, until: epoch };

async function choose(
  pages: readonly Page[],
  taken: readonly TakenPages[],
  limits?: { deltas: number; pages: number },
  present = epoch + 300,
) {
  const asked: number[] = [];
  const since = async (time: number) => {
    asked.push(time);
    return taken.filter(({ until }) => until >= time);
  };
  const intake = await chooseIntake(iterate(pages), state, since, present, limits);
  return { ...intake, asked, names: intake.fresh.map(({ page: { batch }, parts }) => [batch, parts]) };
}

describe('the intake of a freeze', () => {
  it('takes a page that is late, and none that an earlier freeze has taken', async () => {
    const pages = [page('late', epoch - 899), page('known', epoch - 10), page('new', epoch + 200)];
    const { names, until } = await choose(pages, [took(epoch, ['known', allParts])]);
    expect(names).toEqual([
      ['late', allParts],
      ['new', allParts],
    ]);
    expect(until).toBe(epoch + 300);
    expect(intakeInterval(state, epoch + 300)).toEqual({ from: epoch - 900, to: epoch + 900 });
  });

  it('takes a batch once that two attempts have put', async () => {
    const { fresh, names } = await choose([page('a', epoch + 1), page('a', epoch + 60)], []);
    expect(names).toEqual([['a', allParts]]);
    expect(fresh[0]!.page.putAt).toBe(epoch + 1);
  });

  it('takes the parts of a page that no other page of the batch held', async () => {
    const pages = [page('a', epoch + 1, { parts: 0x8000_0003 }), page('a', epoch + 60)];
    const { names } = await choose(pages, [took(epoch, ['a', 0x4])]);
    expect(names).toEqual([
      ['a', 0x8000_0003],
      ['a', 0x7fff_fff8],
    ]);
  });

  it('leaves pages above the limits, and goes on at the first of them', async () => {
    const pages = [1, 2, 3, 4].map((n) => page(`p${n}`, epoch + n * 10, { deltas: 4 }));
    const byDeltas = await choose(pages, [], { deltas: 10, pages: 100 });
    expect(byDeltas).toMatchObject({ until: epoch + 30, isPartial: true });
    expect(byDeltas.names.map(([batch]) => batch)).toEqual(['p1', 'p2']);
    expect(await choose(pages, [], { deltas: 100, pages: 3 })).toMatchObject({ until: epoch + 40, isPartial: true });
    expect((await choose(pages, [], { deltas: 1, pages: 100 })).names).toHaveLength(1);
  });

  it('asks for what freezes took since the first attempt of the oldest page', async () => {
    const redriven = page('old', epoch + 100, { firstAttempt: epoch - 10_000 });
    const { asked, names } = await choose([redriven], [took(epoch - 9000, ['old', allParts])]);
    expect(asked).toEqual([epoch - 2100, epoch - 14_800]);
    expect(names).toEqual([]);
  });

  it('takes no page again that was put and taken two weeks before its last attempt, however late the flush is', async () => {
    const firstAttempt = epoch - day;
    const again = page('old', firstAttempt + pageRetentionSeconds, { firstAttempt });
    const present = again.putAt + pageLifetimeSeconds - 60;
    expect((await choose([again], [took(firstAttempt, ['old', allParts])], undefined, present)).names).toEqual([]);
    expect(firstAttempt + takenRetentionSeconds).toBeGreaterThan(present + day);
  });

  it('does not ask for times before which every page of a batch is deleted', async () => {
    const { asked } = await choose([page('old', epoch + 100, { firstAttempt: 5 })], []);
    expect(asked.at(-1)).toBe(epoch + 300 - 30 * day);
  });

  it('follows the newest page when the clock of this process is ahead', async () => {
    expect(await choose([page('a', epoch - 600)], [])).toMatchObject({ until: epoch, newest: epoch - 600 });
    expect(await choose([page('a', epoch - 100)], [])).toMatchObject({ until: epoch + 200 });
    expect(await choose([], [])).toMatchObject({ until: epoch + 300, newest: undefined, isPartial: false });
  });

  it('takes a page behind pages that are taken already, however many these are', async () => {
    const known = ['a', 'b', 'c'].map((batch, n) => page(batch, epoch - 100 + n, { firstAttempt: epoch - 9000 - n }));
    const taken = [took(epoch - 8000, ['a', allParts], ['b', allParts]), took(epoch - 8500, ['c', allParts])];
    const all = [...known, page('new', epoch - 50), page('next', epoch - 40)];
    const intake = await choose(all, taken, { deltas: 1, pages: 1 });
    expect(intake.names).toEqual([['new', allParts]]);
    expect(intake).toMatchObject({ until: epoch, isPartial: true });
  });

  it('takes a batch once when what freezes took is read again between its pages', async () => {
    const all = [page('a', epoch + 1), page('b', epoch + 2, { firstAttempt: epoch - 9000 }), page('a', epoch + 3)];
    expect((await choose(all, [])).names.map(([batch]) => batch)).toEqual(['a', 'b']);
  });
});
