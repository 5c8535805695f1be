import { MemoryContextTable } from '../../emulators/memory-context-table.ts';
import type { AnswerPorts } from '../../lambda/alert/answer-finding.ts';
import type { ContextLookups } from '../../lambda/alert/context-lookups.ts';
import { followUpEvent } from '../../lambda/alert/follow-up-event.ts';
import { StoredContext } from '../../lambda/aws/stored-context.ts';
import { daySeconds } from '../../lambda/common/calendar.ts';
import { type ContextItem, type ContextTable, readEntry } from '../../lambda/context/context-table.ts';
import { readContextEvent } from '../../lambda/context/read-event.ts';
import { hasPlaces, resolvePlaces } from '../../lambda/context/resolve-places.ts';
import { storeEvent } from '../../lambda/context/store-event.ts';
import { describedInterfaces } from './context-events.ts';
import type { ContextSchedule } from './context-schedule.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import { faultyContextTable } from './faulty-ports.ts';
import type { ContextTableState } from './world.ts';

const retentionSeconds = 30 * daySeconds;

/** Events and alerts are stored and read at these ports, with the faults of the plan. */
type Ports = Omit<AnswerPorts, 'table'>;

/** The function that stores context, and its table, in memory. */
export interface MemoryContext {
  readonly state: ContextTableState;
  /** Returns what an invocation of a function that alerts reads context by. */
  lookups(invocation: Invocation, plan: FaultPlan): ContextLookups;
  /** See World.context. */
  handle(
    event: unknown,
    firstLook: number | undefined,
    perMinute: number,
    ports: Ports,
    by: readonly [Invocation, FaultPlan],
  ): Promise<number | undefined>;
}

/** @param change replaces methods of the table, as a planted fault does */
export function memoryContext(
  { refusals }: ContextSchedule,
  change: (table: ContextTable) => Partial<ContextTable> = () => ({}),
): MemoryContext {
  const stored = new MemoryContextTable();
  const foundFrom = new Map<string, number>();
  const table: ContextTable = {
    put: (items) => stored.put(items),
    putIf: (item, version) => stored.putIf(item, version),
    get: (pk, sk) => stored.get(pk, sk),
    query: (...args) => stored.query(args[0], args[1], args[2], args[3]),
    ...change(stored),
  };
  const remember = (items: readonly ContextItem[], calls: number) => {
    for (const item of items.filter(({ pk }) => pk.startsWith('interface#'))) {
      const entry = readEntry(item);
      if (entry?.kind === 'alert' && !foundFrom.has(entry.message)) foundFrom.set(entry.message, calls);
    }
  };
  const { signal } = new AbortController();
  return {
    get state() {
      return { items: stored.items, foundFrom };
    },
    lookups(invocation, plan) {
      const isRefused = () => plan.calls >= refusals.from && plan.calls < refusals.from + refusals.calls;
      const faulty = faultyContextTable(table, invocation, plan, isRefused, remember);
      const log = { contextUnread: () => {}, contextUnwritten: () => {} };
      return new StoredContext(faulty, retentionSeconds, log, () => plan.clock.now());
    },
    async handle(raw, firstLook, perMinute, ports, [invocation, plan]) {
      const read = readContextEvent(raw);
      if (!('event' in read)) throw new Error(`a planned event is not read: ${JSON.stringify(read)}`);
      const now = plan.clock.now();
      const faulty = faultyContextTable(table, invocation, plan);
      const given = read.event;
      const event =
        given.kind === 'change' && hasPlaces(given)
          ? await resolvePlaces(given, {
              interfacesOf: async () => describedInterfaces,
              acls: async () => undefined,
              routeTables: async () => undefined,
            })
          : given;
      const known = await storeEvent(event, faulty, now + retentionSeconds, signal);
      const settings = {
        perMinute,
        retentionSeconds,
        scope: undefined,
        countedWithinSeconds: 0,
        least: 'medium' as const,
      };
      const followed = await followUpEvent(
        known,
        now - (firstLook ?? now),
        now,
        settings,
        { ...ports, table: faulty },
        signal,
      );
      return followed.lookAgainSeconds;
    },
  };
}
