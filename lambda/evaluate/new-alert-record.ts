import { daySeconds } from '../common/calendar.ts';
import { type AlertRecord, alertId } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';
import type { DueWindow } from './due-windows.ts';

/** The longest suppression, whatever the back-off. */
const maxSuppressSeconds = 30 * daySeconds;

/** Returns the pending record of the alert on a window. @param previous the latest alert of the rule and key, if any */
export function newAlertRecord(
  rule: Rule,
  pk: string,
  { value, isLowerBound, window, multiple }: Omit<DueWindow, 'update'>,
  previous: AlertRecord | undefined,
  { dedupToken, arrival }: Batch,
): AlertRecord {
  return {
    rule: rule.name,
    multiple,
    id: alertId(rule.name, pk, multiple, window.to),
    value,
    isLowerBound,
    ...window,
    token: dedupToken,
    arrival,
    sent: false,
    deferred: false,
    logOnly: isExperimental(rule),
    suppressSeconds: nextSuppression(rule, previous, window.to),
    suppressedCount: 0,
    previousSuppressedCount: previous?.suppressedCount ?? 0,
    lastSuppressedBatch: '',
  };
}

/**
 * Returns for how many seconds the next alert suppresses others. Back-off: an alert within twice the previous
 * suppression period multiplies the period; a later one resets it. An escalation within the period leaves it unchanged.
 */
function nextSuppression(rule: Rule, previous: AlertRecord | undefined, windowEnd: number): number {
  if (!previous) return rule.suppressSeconds;
  const elapsedPeriods = (windowEnd - previous.to) / previous.suppressSeconds;
  if (elapsedPeriods >= 2) return rule.suppressSeconds;
  const seconds = previous.suppressSeconds * (elapsedPeriods >= 1 ? rule.backoff : 1);
  return Math.max(rule.suppressSeconds, Math.min(Math.round(seconds), maxSuppressSeconds));
}
