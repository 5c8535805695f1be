import { messageId } from '../common/message-id.ts';
import { isAtLeast } from './raise-level.ts';
import type { Note, Related } from './relate.ts';
import { type AlertUpdate, type SentAlert, toldBy } from './sent-alert.ts';

/** The most updates of an alert, and the shortest time between two of its messages, in seconds. */
const maxUpdates = 3;
const apartSeconds = 900;

/** The most news of an update; further news is that of the next one. */
const maxNotes = 8;

/** The time after which a promised update is taken over from a process that did not send it, in seconds. */
export const takeOverSeconds = 300;

/** When a message is tried again that the minute's messages, or another process, kept back, in seconds. */
export const retrySeconds = 60;

/** What is to be done about an alert after an event. */
export type UpdateDecision =
  | { readonly kind: 'nothing' }
  /** Try again after this time, in seconds: the alert had a message a moment ago, or another process sends an update. */
  | { readonly kind: 'later'; readonly seconds: number }
  /** Store the alert, then send the update. */
  | { readonly kind: 'send'; readonly alert: SentAlert; readonly update: AlertUpdate };

/**
 * Decides whether an alert gets an update: for what is news and was not told, at most three times, and at least 15 minutes apart.
 * A finding is told again only if its level rises.
 *
 * @param related what is related to the alert now
 * @param now epoch seconds
 */
export function dueUpdate(alert: SentAlert, related: Related, now: number): UpdateDecision {
  const pending = alert.updates.find(({ isSent }) => !isSent);
  if (pending) {
    const seconds = pending.time + takeOverSeconds - now;
    return seconds > 0 ? { kind: 'later', seconds } : send(alert, { ...pending, time: now }, related);
  }
  const news = related.notes.filter((note) => note.isNews && !isTold(note, alert));
  if (news.length === 0 || alert.updates.length >= maxUpdates) return { kind: 'nothing' };
  const seconds = (alert.updates.at(-1)?.time ?? alert.time) + apartSeconds - now;
  if (seconds > 0) return { kind: 'later', seconds };
  const before = alert.raise?.to ?? alert.scene.level;
  const level = (alert.raise ?? related.raise)?.to ?? before;
  const update = { id: updateId(alert, news), time: now, notes: news.slice(0, maxNotes), before, level, isSent: false };
  return send(alert, update, related);
}

function send(alert: SentAlert, update: AlertUpdate, { raise }: Related): UpdateDecision {
  const others = alert.updates.filter(({ id }) => id !== update.id);
  const newRaise = alert.raise ?? raise;
  const promised = {
    ...alert,
    ...(newRaise && { raise: newRaise }),
    told: [...alert.told, ...toldBy(update.notes.filter((note) => !isTold(note, alert)))],
    updates: [...others, update],
  };
  return { kind: 'send', alert: promised, update };
}

function isTold(note: Note, { told }: SentAlert): boolean {
  return told.some(
    ({ id, level }) =>
      id === note.id && (note.level === undefined || (level !== undefined && isAtLeast(level, note.level))),
  );
}

/** Returns the id of an update: the same in each process that decides for the same news. */
function updateId({ scene, updates }: SentAlert, news: readonly Note[]): string {
  return messageId([scene.uid, updates.length, news.map(({ id, level }) => [id, level])]);
}
