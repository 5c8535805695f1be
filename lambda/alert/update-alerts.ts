import type { OtherAlert } from '../context/context-entry.ts';
import { type ContextEvent, timeOfEvent } from '../context/context-event.ts';
import { type ContextTable, stateKey } from '../context/context-table.ts';
import { dueUpdate, retrySeconds } from '../context/due-update.ts';
import { entitiesOfEvent, entitiesOfScene } from '../context/entity.ts';
import { readEntries } from '../context/read-entries.ts';
import { lookBackSeconds, relate } from '../context/relate.ts';
import { alertPartition, readSentAlert, type SentAlert, sentAlertItem } from '../context/sent-alert.ts';
import { severityRank } from '../rules/level.ts';
import type { AlertPublisher } from './alert-publisher.ts';
import type { AlertStateStore } from './alert-state-store.ts';
import { publishMessage, reserveMessage } from './single-message.ts';
import { writeUpdate } from './update-message.ts';

/** The ports of updates. */
export interface UpdatePorts {
  readonly table: ContextTable;
  readonly alerts: AlertPublisher;
  readonly alertState: Pick<AlertStateStore, 'reserveMessages'>;
}

/** The configuration of updates. */
export interface UpdateSettings {
  /** The limit of messages in a minute, which alerts and updates share. */
  readonly perMinute: number;
  /** How long a sent alert is stored, in seconds. */
  readonly retentionSeconds: number;
}

/** What updates of alerts came of an event. */
export interface Updated {
  /** The ids of the updates that were sent. */
  readonly sent: readonly string[];
  /** After how many seconds the event is to be looked at again; undefined if it is done. */
  readonly lookAgainSeconds?: number;
}

/** The entries of one entity in which sent alerts are looked for, and the most alerts that one event may update. */
const maxEntries = 100;
const maxAlerts = 20;

/**
 * Sends the updates of alerts that an event is news for, each once: the update is stored as a promise, then sent, then marked as
 * sent (outbox pattern). Who finds a promise that is five minutes old and not sent keeps it.
 *
 * @param event an event that is stored
 * @param now epoch seconds
 * @throws FlowError `ALERT_FAILED` if the topic does not take an update; an error of a table
 */
export async function updateAlerts(
  event: ContextEvent,
  now: number,
  settings: UpdateSettings,
  ports: UpdatePorts,
  signal: AbortSignal,
): Promise<Updated> {
  const sent: string[] = [];
  let lookAgainSeconds: number | undefined;
  for (const alert of await alertsOf(event, ports.table, signal)) {
    const result = await updateAlert(alert, event, now, settings, ports, signal);
    if ('sent' in result) sent.push(result.sent);
    else if (result.seconds > 0) lookAgainSeconds = Math.min(lookAgainSeconds ?? result.seconds, result.seconds);
  }
  return { sent, ...(lookAgainSeconds !== undefined && { lookAgainSeconds }) };
}

/** A sent alert as stored. */
interface Stored {
  readonly alert: SentAlert;
  readonly version: number;
}

/** Returns the latest message of each alert that the event may concern, the most severe first. */
async function alertsOf(event: ContextEvent, table: ContextTable, signal: AbortSignal): Promise<Stored[]> {
  const from = (event.kind === 'finding' ? event.first : timeOfEvent(event)) - lookBackSeconds;
  const entities = entitiesOfEvent(event);
  const read = await readEntries(entities, { from, limit: maxEntries }, table, signal);
  const latest = new Map<string, OtherAlert>();
  for (const entry of [...read.values()].flat()) {
    if (entry.kind === 'alert' && entry.time > (latest.get(entry.id)?.time ?? 0)) latest.set(entry.id, entry);
  }
  const bySeverity = [...latest.values()].sort((a, b) => severityRank(a.level) - severityRank(b.level));
  const stored: Stored[] = [];
  for (const { message } of bySeverity.slice(0, maxAlerts)) {
    const item = await table.get(alertPartition(message), stateKey, signal);
    const alert = item && readSentAlert(item);
    if (alert) stored.push({ alert, version: item.version ?? 0 });
  }
  return stored;
}

/** Returns the id of the update that was sent, or after how many seconds to look again; 0 if nothing is to be done. */
async function updateAlert(
  { alert, version }: Stored,
  event: ContextEvent,
  now: number,
  { perMinute, retentionSeconds }: UpdateSettings,
  { table, alerts, alertState }: UpdatePorts,
  signal: AbortSignal,
): Promise<{ readonly sent: string } | { readonly seconds: number }> {
  const { scene } = alert;
  const entities = entitiesOfScene(scene);
  const read = await readEntries(entities, { from: scene.from - lookBackSeconds }, table, signal);
  // A query may not yet have what was stored a moment ago.
  const related = relate(scene, [...[...read.values()].flat(), event]);
  const decision = dueUpdate(alert, related, now);
  if (decision.kind !== 'send') return { seconds: decision.kind === 'later' ? decision.seconds : 0 };
  const level = decision.alert.raise?.to ?? scene.level;
  const isGranted = await reserveMessage(level, now, perMinute, alertState, signal);
  if (!isGranted) return { seconds: retrySeconds };
  const expiresAt = now + retentionSeconds;
  const isPromised = await table.putIf(sentAlertItem(decision.alert, version + 1, expiresAt), version, signal);
  if (!isPromised) return { seconds: retrySeconds };
  const message = writeUpdate(decision.alert, decision.update, { ...related, asOf: now });
  await publishMessage(message, 'an update', alerts, signal);
  const done = { ...decision.update, isSent: true };
  const marked = {
    ...decision.alert,
    updates: decision.alert.updates.map((update) => (update.id === done.id ? done : update)),
  };
  // Lost only if another process took the promise over, which sends the same message.
  await table.putIf(sentAlertItem(marked, version + 2, expiresAt), version + 1, signal);
  return { sent: done.id };
}
