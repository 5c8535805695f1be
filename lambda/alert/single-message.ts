import { FlowError } from '../common/errors.ts';
import type { Level } from '../rules/level.ts';
import type { Alert } from './alert.ts';
import type { AlertPublisher } from './alert-publisher.ts';
import type { AlertStateStore } from './alert-state-store.ts';
import { byLevel } from './message-allowance.ts';

/**
 * Reserves one message of a minute, of which alerts, updates and answers together may send `perMinute`. Returns whether it may be
 * sent.
 *
 * @param now epoch seconds
 */
export async function reserveMessage(
  level: Level,
  now: number,
  perMinute: number,
  alertState: Pick<AlertStateStore, 'reserveMessages'>,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = byLevel((one) => (one === level ? 1 : 0));
  const granted = await alertState.reserveMessages(Math.floor(now / 60), wanted, perMinute, signal);
  return granted[level] > 0;
}

/**
 * Publishes one message.
 *
 * @param what a word for the error: `an update`
 * @throws FlowError `ALERT_FAILED` if the topic does not take it
 */
export async function publishMessage(
  message: Alert,
  what: string,
  alerts: AlertPublisher,
  signal: AbortSignal,
): Promise<void> {
  const { published, problems } = await alerts.publish([message], signal);
  if (!published.has(message)) throw new FlowError('ALERT_FAILED', `${what} was not published: ${problems[0]}`);
}
