import { MemoryContextTable } from '../../emulators/memory-context-table.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { AlertStateStore } from '../../lambda/alert/alert-state-store.ts';
import type { ContextLookups } from '../../lambda/alert/context-lookups.ts';
import { updateAlerts } from '../../lambda/alert/update-alerts.ts';
import { StoredContext } from '../../lambda/aws/stored-context.ts';
import { daySeconds } from '../../lambda/common/calendar.ts';
import type { ContextEvent } from '../../lambda/context/context-event.ts';
import { storeEvent } from '../../lambda/context/store-event.ts';
import { ContextFeed } from './context-feed.ts';

/** What updates of alerts need. */
interface UpdatePorts {
  readonly alerts: AlertPublisher;
  readonly alertState: Pick<AlertStateStore, 'reserveMessages'>;
}

/** How long events and alerts are stored: a run reads nothing that is older than a day. */
const retentionSeconds = 30 * daySeconds;

/**
 * Makes a table of context events in memory, which the events of a run fill at their times.
 *
 * @param perMinute the limit of messages in a minute
 */
export function contextInMemory(
  events: readonly ContextEvent[],
  perMinute: number,
  ports: UpdatePorts,
): { readonly feed: ContextFeed; readonly lookups: ContextLookups } {
  const table = new MemoryContextTable();
  const { signal } = new AbortController();
  const feed = new ContextFeed(events, async ({ time, event, isFirst }) => {
    if (isFirst) await storeEvent(event, table, time + retentionSeconds, signal);
    const settings = { perMinute, retentionSeconds };
    const { lookAgainSeconds } = await updateAlerts(event, time, settings, { ...ports, table }, signal);
    return lookAgainSeconds;
  });
  const log = { contextUnread: () => {}, contextUnwritten: () => {} };
  return { feed, lookups: new StoredContext(table, retentionSeconds, log, () => feed.now) };
}
