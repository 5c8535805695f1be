import { MemoryContextTable } from '../../emulators/memory-context-table.ts';
import type { ContextLookups } from '../../lambda/alert/context-lookups.ts';
import { followUpEvent } from '../../lambda/alert/follow-up-event.ts';
import { StoredContext } from '../../lambda/aws/stored-context.ts';
import { daySeconds } from '../../lambda/common/calendar.ts';
import { storeEvent } from '../../lambda/context/store-event.ts';
import { countEvent } from '../../lambda/count-event.ts';
import type { Ports, Settings } from '../../lambda/pipeline.ts';
import { completedEvent } from './completed-events.ts';
import { ContextFeed } from './context-feed.ts';
import type { RunEvents } from './run-event.ts';

/** How long events and alerts are stored: a run reads nothing that is older than a day. */
const retentionSeconds = 30 * daySeconds;

/**
 * Makes a table of context events in memory, which the events of a run fill at their times, as the deployed function does.
 * Findings are not answered: hunt finding answers them from the logs.
 *
 * @param ports those of the batches of the run; they may be made after this
 */
export function contextInMemory(
  { events, places }: RunEvents,
  settings: Pick<Settings, 'rules' | 'messages'>,
  ports: () => Ports,
): { readonly feed: ContextFeed; readonly lookups: ContextLookups } {
  const table = new MemoryContextTable();
  const { signal } = new AbortController();
  const { perMinute } = settings.messages;
  const following = { perMinute, retentionSeconds, scope: settings.rules.scope, countedWithinSeconds: 0 };
  const feed = new ContextFeed(events, async ({ time, first, event: given, raw, isFirst }) => {
    const completed = await completedEvent(given, places);
    const event = await storeEvent(completed, table, time + retentionSeconds, signal);
    if (isFirst) {
      const source = event.kind === 'finding' ? 'guardduty' : 'cloudtrail';
      await countEvent({ source, raw, event }, time, settings, ports());
    }
    const followed = await followUpEvent(event, time - first, time, following, { ...ports(), table }, signal);
    return followed.lookAgainSeconds;
  });
  const log = { contextUnread: () => {}, contextUnwritten: () => {} };
  return { feed, lookups: new StoredContext(table, retentionSeconds, log, () => feed.now) };
}
