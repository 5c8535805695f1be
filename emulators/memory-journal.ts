import { FlowError } from '../lambda/common/errors.ts';
import {
  advanced,
  chunkRetentionSeconds,
  type FreezeId,
  type Journal,
  type LaneState,
  newLane,
  type Page,
  pageRetentionSeconds,
  type TakenPages,
  takenRetentionSeconds,
} from '../lambda/journal/journal.ts';
import { type Lane, laneName } from '../lambda/journal/lane.ts';

/** What the journal stores for one lane. */
export interface StoredLane {
  state: LaneState;
  lease: { readonly holder: string; readonly until: number } | undefined;
  /** By the time and the identity of each page. */
  readonly pages: Map<string, Page>;
  readonly taken: Map<string, TakenPages>;
  readonly refusals: Map<string, number>;
  readonly chunks: Map<string, { readonly bytes: Uint8Array; readonly until: number }>;
}

/** For how long items are stored, in seconds. */
export interface JournalRetention {
  readonly pages: number;
  readonly taken: number;
  readonly chunks: number;
}

const defaultRetention: JournalRetention = {
  pages: pageRetentionSeconds,
  taken: takenRetentionSeconds,
  chunks: chunkRetentionSeconds,
};

/** Stores a journal in memory, with the contract of the table: for replay, and for tests. */
export class MemoryJournal implements Journal {
  readonly seed: string;
  readonly #sets = new Map<number, number>();
  readonly #lanes = new Map<string, StoredLane>();

  constructor(seed = 'journal') {
    this.seed = seed;
  }

  /** What is stored for each lane, by the lane's name. */
  get lanes(): ReadonlyMap<string, StoredLane> {
    return this.#lanes;
  }

  /** Deletes what has expired. @param now epoch seconds */
  expire(now: number, retention: JournalRetention = defaultRetention): void {
    for (const { pages, taken, chunks } of this.#lanes.values()) {
      for (const [name, { putAt }] of pages) if (putAt + retention.pages < now) pages.delete(name);
      for (const [name, { until }] of taken) if (until + retention.taken < now) taken.delete(name);
      for (const [name, { until }] of chunks) if (until + retention.chunks < now) chunks.delete(name);
    }
  }

  async register(lanes: number, now: number): Promise<void> {
    this.#sets.set(lanes, now);
  }

  async laneSets(now: number): Promise<number[]> {
    return [...this.#sets].filter(([, at]) => at >= now - pageRetentionSeconds).map(([lanes]) => lanes);
  }

  async putPage(lane: Lane, page: Page): Promise<void> {
    this.#lane(lane).pages.set(`${page.putAt} ${page.batch} ${page.parts}`, page);
  }

  async *pages(lane: Lane, from: number, to: number): AsyncIterable<Page> {
    const all = [...this.#lane(lane).pages.values()].filter(({ putAt }) => putAt >= from && putAt <= to);
    yield* all.sort((a, b) => a.putAt - b.putAt || (a.batch < b.batch ? -1 : a.batch > b.batch ? 1 : 0));
  }

  async lease(lane: Lane, holder: string, now: number, until: number): Promise<LaneState | undefined> {
    const stored = this.#lane(lane);
    const { lease } = stored;
    if (lease && lease.holder !== holder && lease.until >= now) return undefined;
    stored.lease = { holder, until };
    return stored.state;
  }

  async release(lane: Lane, holder: string, until: number): Promise<void> {
    const stored = this.#lane(lane);
    if (stored.lease?.holder === holder && stored.lease.until === until) stored.lease = undefined;
  }

  async state(lane: Lane): Promise<LaneState> {
    return this.#lane(lane).state;
  }

  async putTaken(lane: Lane, taken: TakenPages): Promise<void> {
    this.#lane(lane).taken.set(freezeName(taken.freeze), taken);
  }

  async putChunk(lane: Lane, freeze: FreezeId, index: number, until: number, bytes: Uint8Array): Promise<void> {
    this.#lane(lane).chunks.set(`${freezeName(freeze)} ${index}`, { bytes, until });
  }

  async freeze(lane: Lane, before: LaneState, after: LaneState): Promise<boolean> {
    const stored = this.#lane(lane);
    const { freeze, phase } = stored.state;
    if (freezeName(freeze) !== freezeName(before.freeze) || phase !== 'open') return false;
    stored.state = after;
    return true;
  }

  async advance(lane: Lane, state: LaneState, applied: number): Promise<boolean> {
    const stored = this.#lane(lane);
    const { freeze, phase, applied: before } = stored.state;
    if (freezeName(freeze) !== freezeName(state.freeze) || phase !== 'apply' || before >= applied) return false;
    stored.state = advanced(stored.state, applied);
    return true;
  }

  async taken(lane: Lane, last: Pick<LaneState, 'freeze' | 'until'>, since: number): Promise<TakenPages[]> {
    const { taken } = this.#lane(lane);
    const chain: TakenPages[] = [];
    for (let next = last; next.freeze.number > 0 && next.until >= since; ) {
      const one = taken.get(freezeName(next.freeze));
      if (!one) throw new FlowError('JOURNAL_BROKEN', `what freeze ${freezeName(next.freeze)} took is missing`);
      chain.push(one);
      next = one.previous;
    }
    return chain;
  }

  async recordRefusal(lane: Lane, freeze: FreezeId, index: number, _until: number, pk: string): Promise<number> {
    const { refusals } = this.#lane(lane);
    const name = `${freezeName(freeze)} ${index} ${pk}`;
    const times = (refusals.get(name) ?? 0) + 1;
    refusals.set(name, times);
    return times;
  }

  async chunk(lane: Lane, freeze: FreezeId, index: number): Promise<Uint8Array> {
    const stored = this.#lane(lane).chunks.get(`${freezeName(freeze)} ${index}`);
    if (!stored) throw new FlowError('JOURNAL_BROKEN', `chunk ${index} of freeze ${freezeName(freeze)} is missing`);
    return stored.bytes;
  }

  #lane(lane: Lane): StoredLane {
    const name = laneName(lane);
    const known = this.#lanes.get(name);
    if (known) return known;
    const created = {
      state: newLane,
      lease: undefined,
      pages: new Map(),
      taken: new Map(),
      chunks: new Map(),
      refusals: new Map(),
    };
    this.#lanes.set(name, created);
    return created;
  }
}

function freezeName({ number, attempt }: FreezeId): string {
  return `${number}#${attempt}`;
}
