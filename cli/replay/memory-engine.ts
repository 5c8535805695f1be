import { type SourceRecord, streamOrigin } from '../../emulators/firehose-event.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { defaultMessages } from '../../lambda/config.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { endpointsOfKey, isPair, scopeOfKey } from '../../lambda/counters/counter-key.ts';
import { arrivalSeconds, type EventRecord } from '../../lambda/decode/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import { countRecords, type Ports, transform } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { busiestFirst } from '../statistics/pair-counter.ts';
import type { Engine, OnAlert } from './engine.ts';
import { flushInMemory } from './memory-flush.ts';

/** Configuration of an engine in memory. */
export interface MemoryEngineOptions {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
  /** Limits of messages (default: the limits of the function). */
  readonly messages?: MessageLimits;
  /** Wraps the store that the pipeline uses. */
  readonly wrapStore?: (store: CounterStore) => CounterStore;
  /** Seconds from one flush of a journal to the next (default: without a journal, each batch is counted directly). */
  readonly flushSeconds?: number | undefined;
}

/** The pipeline with counters in memory. */
export type MemoryEngine = Engine & Required<Pick<Engine, 'count'>>;

/**
 * Creates the pipeline with counters in memory, for replays. It also passes on alerts of experimental rules, as log-only.
 * The memory holds counters as the table does, and no records.
 */
export function createMemoryEngine(options: MemoryEngineOptions, onAlert: OnAlert = () => {}): MemoryEngine {
  const { formats, rules, messages = defaultMessages, wrapStore = (store) => store, flushSeconds } = options;
  const store = new MemoryCounterStore(rules.series, { isInPlace: true });
  const signal = new AbortController().signal;
  let logOnly: Alert[] = [];
  let implausibleTimes = 0;
  let leftOut = 0;
  const ports: Ports = {
    counters: wrapStore(store),
    knownSlots: new KnownSlots(rules.series),
    alertState: new MemoryAlertStateStore(),
    alerts: {
      async publish(alerts) {
        for (const alert of alerts) await onAlert(alert, false);
        return { published: new Set(alerts), problems: [] };
      },
    },
    log: {
      report(report) {
        implausibleTimes += report.implausibleTimes;
        leftOut += report.duplicateObservations;
      },
      alert: (alert) => logOnly.push(alert),
    },
    deadline: signal,
    closing: signal,
  };
  const passOnLogged = async () => {
    for (const alert of logOnly) await onAlert(alert, true);
    logOnly = [];
  };
  const scheduled =
    flushSeconds === undefined
      ? undefined
      : flushInMemory({ rules, formats, messages, everySeconds: flushSeconds }, ports, passOnLogged);
  return {
    async invoke(event) {
      await scheduled?.schedule.before(event);
      const answer = await transform(event, { formats, rules, messages }, { ...ports, ...scheduled?.ports });
      await passOnLogged();
      return answer;
    },
    async count(source) {
      const records = source.map(arrivedRecord);
      const read = readRecords(records, formats);
      await scheduled?.schedule.beforeRecords(records, streamOrigin);
      const batch = { records, origin: streamOrigin, backfill: true, redrive: false };
      const counted = await countRecords(batch, read, { formats, rules, messages }, { ...ports, ...scheduled?.ports });
      implausibleTimes += counted.aggregated.implausibleTimes;
      leftOut += counted.aggregated.duplicateObservations;
      await passOnLogged();
      return { read, ...counted };
    },
    finish: async () => scheduled?.schedule.finish(),
    pairs: async () => [...store.counters].flatMap(pairOf).sort(busiestFirst),
    implausibleTimes: () => implausibleTimes,
    leftOut: () => leftOut,
    stop: async () => {},
  };
}

/** Returns a record as readEvent reads it. */
function arrivedRecord({ data, arrival }: SourceRecord, index: number): EventRecord {
  return { recordId: String(index), data, arrival: arrivalSeconds(arrival) };
}

function pairOf([pk, { bytes, rejects, firstSeen, lastSeen }]: [string, Counter]): PairCounter[] {
  if (!isPair({ pk })) return [];
  const scope = scopeOfKey(pk);
  return [{ ...endpointsOfKey(pk), ...(scope && { scope }), bytes, rejects, firstSeen, lastSeen }];
}
