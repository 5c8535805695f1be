import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { formatInteger } from '../../../lambda/common/format-units.ts';

/** Numbers of alerts and of the messages that carry these. */
export interface AlertCounts {
  readonly alerts: number;
  /** Number of e-mails with an alert; a digest is one e-mail. */
  readonly emails: number;
  readonly resolutions: number;
  readonly updates: number;
}

/** What decides how a message counts. */
type Counted = Pick<AlertBody, 'ended' | 'digest' | 'update'>;

/**
 * Returns the number of alerts in a message. A digest counts as all of its alerts. A resolution notice and an update count
 * as none: they are about an alert that counts already.
 */
export function alertsIn({ ended, digest, update }: Counted): number {
  return ended || update ? 0 : (digest?.alerts ?? 1);
}

/** Counts the alerts of messages. Every number of alerts in a report comes from here or from `alertsIn`. */
export function countAlerts(bodies: readonly Counted[]): AlertCounts {
  const updates = bodies.filter(({ update }) => update).length;
  const sent = bodies.filter(({ ended, update }) => !ended && !update);
  return {
    alerts: sent.reduce((sum, body) => sum + alertsIn(body), 0),
    emails: sent.length,
    resolutions: bodies.length - sent.length - updates,
    updates,
  };
}

/** Formats counts: `31 alerts in 2 e-mails, and 1 resolution notice`. */
export function countText({ alerts, emails, resolutions, updates }: AlertCounts): string {
  const inEmails = emails === alerts ? '' : ` in ${nounText(emails, 'e-mail')}`;
  const others = [
    ...(updates === 0 ? [] : [nounText(updates, 'update')]),
    ...(resolutions === 0 ? [] : [nounText(resolutions, 'resolution notice')]),
  ];
  return `${nounText(alerts, 'alert')}${inEmails}${others.length === 0 ? '' : `, and ${others.join(' and ')}`}`;
}

/** Formats a count with its noun and thousands separators: `1 alert`, `12,409 alerts`. */
export function nounText(count: number, noun: string, many = `${noun}s`): string {
  return `${formatInteger(count)} ${count === 1 ? noun : many}`;
}

/** Formats the counts of a part: `31 of 60 alerts, in 2 of 31 e-mails; 1 of 4 resolution notices`. */
export function shareText(part: AlertCounts, all: AlertCounts): string {
  const share = (name: keyof AlertCounts) => `${formatInteger(part[name])} of ${formatInteger(all[name])}`;
  const alerts = `${share('alerts')} ${all.alerts === 1 ? 'alert' : 'alerts'}`;
  const emails = all.emails === all.alerts ? '' : `, in ${share('emails')} e-mails`;
  const updates = all.updates === 0 ? '' : `; ${share('updates')} updates`;
  const resolutions = all.resolutions === 0 ? '' : `; ${share('resolutions')} resolution notices`;
  return `${alerts}${emails}${updates}${resolutions}`;
}
