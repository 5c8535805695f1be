import { type SourceRecord, streamOrigin } from '../../emulators/firehose-event.ts';
import { InPlaceCounters } from '../../emulators/in-place-counters.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { CountedFlows, type FlowExceptions } from '../../lambda/aggregate/add-flows.ts';
import { backfillBounds } from '../../lambda/aggregate/plausible-time.ts';
import type { HostSources } from '../../lambda/alert/address-sources.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import { learningStarts } from '../../lambda/alert/learning-starts.ts';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { defaultMessages } from '../../lambda/config.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { type CounterKey, endpointsOfKey, isPair, scopeOfKey } from '../../lambda/counters/counter-key.ts';
import { arrivalSeconds, type EventRecord, readEvent } from '../../lambda/decode/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { keyOfText } from '../../lambda/journal/columns/key-fields.ts';
import { identifyBatch } from '../../lambda/parse/batch-identity.ts';
import { type ReadBatch, readRecords } from '../../lambda/parse/read-records.ts';
import { alertOn, countRecords, type Ports, type Settings, transform } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { RunContext } from '../context/run-context.ts';
import type { BatchOfRows } from '../report/reported-flow.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { busiestFirst } from '../statistics/pair-counter.ts';
import type { Engine, OnAlert } from './engine.ts';
import { latestArrival } from './latest-arrival.ts';
import { flushInMemory } from './memory-flush.ts';

/** Configuration of an engine in memory. */
export interface MemoryEngineOptions {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
  /** Limits of messages (default: the limits of the function). */
  readonly messages?: MessageLimits;
  /** Wraps the store that the pipeline uses. @param keyOf returns the key of a counter in the store */
  readonly wrapStore?: (store: CounterStore, keyOf: (pk: string) => CounterKey | undefined) => CounterStore;
  /** Seconds from one flush of a journal to the next (default: without a journal, each batch is counted directly). */
  readonly flushSeconds?: number | undefined;
  /** What says who has the addresses of alerts, and what hosts asked for (default: nothing). */
  readonly sources?: HostSources;
  /** What happened around hosts, in any order, and what changes concern (default: alerts have no context). */
  readonly context?: RunContext | undefined;
  /** Whether flows change counters in place: see InPlaceCounters. Default: true; false with a journal. */
  readonly isInPlace?: boolean;
}

/** The pipeline with counters in memory. */
export type MemoryEngine = Engine & Required<Pick<Engine, 'count'>>;

/**
 * Creates the pipeline with counters in memory, for replays. It also passes on alerts of experimental rules, as log-only.
 * The memory holds counters as the table does, and no records.
 */
export function createMemoryEngine(options: MemoryEngineOptions, onAlert: OnAlert = () => {}): MemoryEngine {
  const { formats, rules, messages = defaultMessages, wrapStore = (store) => store, flushSeconds, sources } = options;
  const inPlace = flushSeconds === undefined && options.isInPlace !== false ? new InPlaceCounters(rules) : undefined;
  const store = inPlace ?? new MemoryCounterStore(rules.series, { isInPlace: true });
  const settings = { formats, rules, messages };
  const signal = new AbortController().signal;
  let logOnly: Alert[] = [];
  let implausibleTimes = 0;
  let leftOut = 0;
  const alertState = new MemoryAlertStateStore();
  const alerts: AlertPublisher = {
    async publish(sent) {
      for (const alert of sent) await onAlert(alert, false);
      return { published: new Set(sent), problems: [] };
    },
  };
  const context = options.context?.inMemory(options.context, settings, () => ports);
  const ports: Ports = {
    counters: wrapStore(store, (pk) => inPlace?.keyOf(pk) ?? keyOfText(pk)),
    knownSlots: new KnownSlots(rules.series),
    alertState,
    alerts,
    ...(context && { contextLookups: context.lookups }),
    log: {
      report(report) {
        implausibleTimes += report.implausibleTimes;
        leftOut += report.duplicateObservations;
      },
      alert: (alert) => logOnly.push(alert),
    },
    ...(sources && { names: sources.names, dns: sources.dns }),
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
      await context?.feed.deliverUntil(latestArrival(readEvent(event).records));
      await scheduled?.schedule.before(event);
      const answer = await transform(event, settings, { ...ports, ...scheduled?.ports });
      await passOnLogged();
      return answer;
    },
    async count(source) {
      const records = source.map(arrivedRecord);
      await context?.feed.deliverUntil(latestArrival(records));
      const read = readRecords(records, formats);
      await scheduled?.schedule.beforeRecords(records, streamOrigin);
      const counted =
        (inPlace && (await countInPlace(records, read, inPlace, settings, ports))) ??
        (await countThroughStore(records, read, settings, { ...ports, ...scheduled?.ports }));
      implausibleTimes += counted.implausibleTimes;
      leftOut += counted.duplicateObservations;
      await passOnLogged();
      return { read, ...counted };
    },
    async finish() {
      await scheduled?.schedule.finish();
      await context?.feed.finish();
    },
    pairs: async () => [...store.counters].flatMap(pairOf).sort(busiestFirst),
    implausibleTimes: () => implausibleTimes,
    leftOut: () => leftOut,
    stop: async () => {},
  };
}

/** The rows of a counted batch, and the flows that are not added as they are. */
type CountedRows = Omit<BatchOfRows, 'read'> & FlowExceptions;

/** Counts a batch as the function does, without a response. */
async function countThroughStore(
  records: readonly EventRecord[],
  read: ReadBatch,
  settings: Settings,
  ports: Ports,
): Promise<CountedRows> {
  const batch = { records, origin: streamOrigin, backfill: true, redrive: false };
  const { aggregated, columns, contributions } = await countRecords(batch, read, settings, ports);
  return { ...aggregated, columns, contributions };
}

/** Counts a batch in place; undefined if the batch must go through the store: see InPlaceCounters. */
async function countInPlace(
  records: readonly EventRecord[],
  read: ReadBatch,
  counters: InPlaceCounters,
  settings: Settings,
  ports: Ports,
): Promise<CountedRows | undefined> {
  const { rules } = settings;
  const columns = rules.columnsOf(read.rows);
  const identified = identifyBatch(records, read, undefined, columns.ownTimes);
  const batch: Batch = rules.scope === undefined ? identified : { ...identified, scope: rules.scope };
  read.rows.setUnknownArrivals(batch.arrival);
  const flows = new CountedFlows(columns, rules, backfillBounds);
  if (!counters.canCount(flows)) return undefined;
  const start = await counters.begin(batch);
  const learning = await learningStarts(batch, rules, ports);
  const { evaluation, ...exceptions } = counters.count(flows, batch, start, learning);
  await counters.complete(batch);
  await alertOn(evaluation, batch, streamOrigin, settings, ports);
  return { ...exceptions, columns, contributions: flows.contributions };
}

/** Returns a record as readEvent reads it. */
function arrivedRecord({ data, arrival }: SourceRecord, index: number): EventRecord {
  return { recordId: String(index), data, arrival: arrivalSeconds(arrival) };
}

function pairOf([pk, { bytes, rejects, firstSeen, lastSeen }]: readonly [
  pk: string,
  counter: Pick<Counter, 'bytes' | 'rejects' | 'firstSeen' | 'lastSeen'>,
]): PairCounter[] {
  if (!isPair({ pk })) return [];
  const scope = scopeOfKey(pk);
  return [{ ...endpointsOfKey(pk), ...(scope && { scope }), bytes, rejects, firstSeen, lastSeen }];
}
