import type { ContextEvent } from '../context/context-event.ts';
import { isAtLeast } from '../context/raise-level.ts';
import { type Answered, type AnswerPorts, type AnswerSettings, answerFinding } from './answer-finding.ts';
import { type UpdatePorts, type UpdateSettings, updateAlerts } from './update-alerts.ts';

/** The configuration of what follows an event; without `least`, no finding is answered. */
export type FollowUpSettings = UpdateSettings & Omit<AnswerSettings, 'least'> & Partial<Pick<AnswerSettings, 'least'>>;

/** An alert that reads context while an event is stored, is stored itself some minutes later: a second look finds it. */
const secondLookSeconds = 900;

/**
 * Sends the updates of alerts that an event is news for, and answers a finding of a connection.
 *
 * @param event an event that is stored
 * @param age how long ago the event was looked at first, in seconds
 * @param now epoch seconds
 * @returns after how many seconds the event is to be looked at again; undefined if it is done
 * @throws FlowError if the event must be looked at again at once
 */
export async function followUpEvent(
  event: ContextEvent,
  age: number,
  now: number,
  { least, ...settings }: FollowUpSettings,
  ports: UpdatePorts & AnswerPorts,
  signal: AbortSignal,
): Promise<{ readonly lookAgainSeconds?: number }> {
  const updated = await updateAlerts(event, now, settings, ports, signal);
  const answered: Answered =
    event.kind === 'finding' && least !== undefined
      ? await answerFinding(event, now, { ...settings, least }, ports, signal)
      : { none: 'no network' };
  const waits = [
    updated.lookAgainSeconds,
    'lookAgainSeconds' in answered ? answered.lookAgainSeconds : undefined,
    age < secondLookSeconds && mayBeNews(event) ? secondLookSeconds - age : undefined,
  ].filter((seconds) => seconds !== undefined);
  return waits.length > 0 ? { lookAgainSeconds: Math.min(...waits) } : {};
}

/** Returns whether an event may be news for an alert that was sent before it. */
function mayBeNews(event: ContextEvent): boolean {
  return event.kind === 'finding'
    ? isAtLeast(event.level, 'medium')
    : event.openings.length > 0 || event.group === 'way out';
}
