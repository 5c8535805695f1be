import { resolutionMultiple } from '../counters/alert-record.ts';
import { slotRangeOf, slotSecondsOf } from '../counters/window.ts';
import type { Finding } from '../evaluate/finding.ts';
import { occurs } from '../evaluate/window-measures/temporal-measure.ts';

/** One rule of a temporal correlation, and whether its flows occurred. */
export interface Step {
  readonly rule: string;
  readonly matched: boolean;
}

/** Returns the steps of a temporal rule, in its order; undefined for other rules and for a resolution notice. */
export function stepsOf({ rule, record, counter }: Finding): readonly Step[] | undefined {
  const { correlation, timespanSeconds } = rule;
  if (
    record.multiple === resolutionMultiple ||
    (correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered')
  )
    return undefined;
  const { type, parts } = correlation;
  const window = slotRangeOf(record, slotSecondsOf(timespanSeconds));
  return parts.map((part, index) => ({
    rule: part.name,
    matched: type === 'temporal_ordered' ? index < record.value : occurs(part, window, counter),
  }));
}
