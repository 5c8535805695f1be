import type { MemoryJournal } from '../../../emulators/memory-journal.ts';
import type { CounterStore } from '../../../lambda/count/counter-store.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';
import { oldestTokenSlot } from '../../../lambda/counters/counter.ts';
import { chunkBatch } from '../../../lambda/flush/flush-batch.ts';
import { columnsOf, deltasOf } from '../../../lambda/journal/columns/delta-columns.ts';
import {
  chunkRetentionSeconds,
  type Journal,
  lateSeconds,
  pageRetentionSeconds,
  type TakenPages,
} from '../../../lambda/journal/journal.ts';
import { laneName } from '../../../lambda/journal/lane.ts';
import { packPage, unpackPage } from '../../../lambda/journal/page/page.ts';
import type { Mutation } from '../../../tools/chaos/memory-world.ts';
import { chaosRules } from '../../../tools/chaos/rules.ts';
import type { Scenario } from '../../../tools/chaos/scenario.ts';

/** A fault of the protocol, and the schedules that find it. */
export interface Mutant {
  readonly mutation: Mutation;
  /** Aims schedules at the fault, where random ones take too long. Without the fault they show no violation. */
  readonly aim?: (scenario: Scenario) => Scenario;
  /** The violation, if one that is not caused by the fault's own means is asked for. */
  readonly violation?: RegExp;
}

const stored = (journal: MemoryJournal, lane: Parameters<Journal['state']>[0]) => journal.lanes.get(laneName(lane))!;
const nameOf = ({ number, attempt }: TakenPages['freeze']) => `${number}#${attempt}`;

/** Changes the schedule of a scenario's journal. */
function aimed(change: Partial<NonNullable<Scenario['journal']>>, more: Partial<Scenario> = {}) {
  return (scenario: Scenario): Scenario => ({ ...scenario, ...more, journal: { ...scenario.journal!, ...change } });
}

const onlyFlush = (replace: (store: CounterStore) => Partial<CounterStore>): Mutation => ({
  counters: (store, isFlush) => (isFlush ? replace(store) : {}),
});
const onlyBatches = (replace: (store: CounterStore) => Partial<CounterStore>): Mutation => ({
  counters: (store, isFlush) => (isFlush ? {} : replace(store)),
});

const fewLanes = ['few lanes', 'few lanes', 'few lanes'] as const;

/** A flush after every ten calls, in both processes, that takes all pages. */
const manyFlushes = {
  ...{ ways: fewLanes, deploy: { call: 1e9, ways: fewLanes }, jumps: [] },
  limits: { deltas: 1000, pages: 1000, chunkDeltas: 3 },
  flushes: Array.from({ length: 20 }, (_, n) => ({
    ...{ call: 10 * (n + 1), process: n % 2, index: 0, processes: 1, isForced: true },
  })),
};

let reads = 0;
const firstTokens = new Map<string, string>();
let tokens = 0;
/** Returns a token that no other update has. */
function newToken(): string {
  tokens += 1;
  return String(tokens).padStart(8, '_');
}

/**
 * The faults by their names. Three faults of the codec do not show here, since the store in memory caps sets and flows are
 * short: test/lambda/journal/merge-deltas holds the cap, and test/lambda/journal/page sums above 2^53 and versions.
 */
export const mutants: Readonly<Record<string, Mutant>> = {
  'freeze without its condition': {
    mutation: {
      journal: (journal) => ({
        async freeze(lane, _before, after) {
          stored(journal, lane).state = after;
          return true;
        },
      }),
    },
    aim: aimed({ ...manyFlushes, skews: [0, 0, 0, -240, 240], secondsPerCall: 8 }),
  },
  'no token in items': {
    mutation: onlyFlush((store) => ({
      add: (delta, batch, signal) => store.add(delta, { ...batch, dedupToken: newToken() }, signal),
    })),
  },
  'look for pages only after the last freeze': {
    mutation: {
      journal: (journal) => ({ pages: (lane, from, to) => journal.pages(lane, from + lateSeconds, to) }),
    },
  },
  'remember only what the last freeze took': {
    mutation: {
      journal: (journal) => ({
        taken: async (lane, last, since) => (await journal.taken(lane, last, since)).slice(0, 1),
      }),
    },
  },
  'read what refused attempts to freeze took': {
    mutation: {
      journal: (journal) => ({
        taken: async (lane, _last, since) =>
          [...(journal.lanes.get(laneName(lane))?.taken.values() ?? [])].filter(({ until }) => until >= since),
      }),
    },
  },
  'token without the attempt to freeze': {
    mutation: { newAttempt: () => 'same' },
    aim: (scenario) => {
      const faults = scenario.faults.map((fault) => ({ ...fault, kind: 'stuck' as const, delay: 10 + fault.delay }));
      return aimed({ ...manyFlushes, secondsPerCall: 0 }, { faults, outage: { from: 0, calls: 0 } })(scenario);
    },
  },
  'no upper bound of the time of a page': {
    mutation: {
      journal: (journal) => ({ pages: (lane, from) => journal.pages(lane, from, Number.POSITIVE_INFINITY) }),
    },
    aim: aimed({ skews: [1500, 0, 0, 0, 0], ways: fewLanes, deploy: { call: 1e9, ways: fewLanes } }),
  },
  'until is the present when a freeze leaves pages': {
    mutation: {
      journal: (journal, { now }) => ({
        putTaken: (lane, taken) => journal.putTaken(lane, { ...taken, until: Math.max(taken.until, now()) }),
        freeze: (lane, before, after) =>
          journal.freeze(lane, before, { ...after, until: Math.max(after.until, now()) }),
      }),
    },
  },
  'way to count not stored in the marker': {
    mutation: onlyBatches((store) => ({
      begin: async (batch, signal, wanted = 'direct') => ({
        ...(await store.begin(batch, signal, wanted)),
        counting: wanted,
      }),
    })),
  },
  'way to count set on an older marker': {
    mutation: onlyBatches((store) => ({
      async begin(batch, signal, wanted = 'direct') {
        const start = await store.begin(batch, signal, wanted);
        return start.counting === 'direct' ? { ...start, counting: wanted } : start;
      },
    })),
  },
  'parts cut when a chunk is counted': {
    mutation: {
      journal(journal) {
        return {
          async chunk(lane, freeze, index) {
            const deltas = deltasOf(unpackPage(await journal.chunk(lane, freeze, index)));
            reads += 1;
            if (reads % 2 === 0) return packPage(columnsOf(deltas, chaosRules.series));
            const cut = deltas.flatMap(({ additions, totals, ...delta }) => {
              const middle = Math.ceil(additions.length / 2);
              const none = totals && { bytes: 0, rejects: 0 };
              return [
                { ...delta, totals, additions: additions.slice(0, middle) },
                { ...delta, part: 1, totals: none, additions: additions.slice(middle) },
              ];
            });
            return packPage(columnsOf(cut, chaosRules.series));
          },
        };
      },
    },
  },
  'a missing chunk is empty': {
    mutation: {
      retention: { pages: pageRetentionSeconds, taken: pageRetentionSeconds, chunks: 1800 },
      journal: (journal) => ({
        chunk: async (lane, freeze, index) =>
          stored(journal, lane).chunks.get(`${nameOf(freeze)} ${index}`)?.bytes ?? packPage(columnsOf([], new Map())),
      }),
    },
    violation: / has (bytes|rejects) /,
  },
  'what freezes took expires before pages': {
    mutation: {
      retention: { pages: pageRetentionSeconds, taken: 1800, chunks: chunkRetentionSeconds },
      journal: (journal) => ({
        async taken(lane, last, since) {
          const chain: TakenPages[] = [];
          for (let next = last; next.freeze.number > 0 && next.until >= since; ) {
            const one = stored(journal, lane).taken.get(nameOf(next.freeze));
            if (!one) break;
            chain.push(one);
            next = one.previous;
          }
          return chain;
        },
      }),
    },
    violation: / has (bytes|rejects) /,
  },
  'one token for all chunks': {
    mutation: {
      journal: (journal) => ({
        chunk(lane, freeze, index) {
          const { state } = stored(journal, lane);
          const [first, own] = [chunkBatch(lane, state, 0), chunkBatch(lane, state, index)];
          firstTokens.set(own.dedupToken, first.dedupToken);
          return journal.chunk(lane, freeze, index);
        },
      }),
      counters(store, isFlush) {
        if (!isFlush) return {};
        const asFirst = (batch: Batch) => ({ ...batch, dedupToken: firstTokens.get(batch.dedupToken)! });
        return {
          begin: (batch, signal) => store.begin(asFirst(batch), signal),
          add: (delta, batch, signal) => store.add(delta, asFirst(batch), signal),
          complete: (batch, signal) => store.complete(asFirst(batch), signal),
        };
      },
    },
  },
  'lease ignored': {
    mutation: {
      journal: (journal) => ({
        async lease(lane, holder, now, until) {
          await journal.lease(lane, holder, now, until);
          return journal.state(lane);
        },
      }),
    },
    violation: /was sent \d+ times/,
  },
  'series read by their position in the rule set': {
    mutation: {
      journal: (journal, { rules }) => {
        const ids = [...rules.series.keys()];
        const renamed = (bytes: Uint8Array, rename: (id: string) => string) => {
          const columns = unpackPage(bytes);
          return packPage({ ...columns, series: columns.series.map((one) => ({ ...one, id: rename(one.id) })) });
        };
        return {
          putPage: (lane, page) =>
            journal.putPage(lane, { ...page, bytes: renamed(page.bytes, (id) => String(ids.indexOf(id))) }),
          async *pages(lane, from, to) {
            for await (const page of journal.pages(lane, from, to)) {
              yield { ...page, bytes: renamed(page.bytes, (position) => ids[Number(position)]!) };
            }
          },
        };
      },
    },
  },
  'tokens dropped by age': {
    mutation: onlyFlush((store) => ({
      async add(delta, batch, signal) {
        const counter = await store.add(delta, batch, signal);
        const all = counter.dedupTokens as Map<number, ReadonlySet<string>>;
        for (const slot of [...all.keys()]) if (slot < oldestTokenSlot(batch.arrival)) all.delete(slot);
        return counter;
      },
    })),
  },
};

/**
 * A change that is no fault here: a part of a batch is taken once, whatever the times of its pages. The time of the
 * attempt only makes a repeated put the same item.
 */
export const harmless: Mutation = {
  journal: (journal, { now }) => ({ putPage: (lane, page) => journal.putPage(lane, { ...page, putAt: now() }) }),
};
