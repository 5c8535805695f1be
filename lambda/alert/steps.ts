import { resolutionMultiple } from '../counters/alert-record.ts';
import { slotSecondsOf } from '../counters/window.ts';
import type { Finding } from '../evaluate/finding.ts';
import { occurs } from '../evaluate/window-measures/temporal-measure.ts';

/** One of the rules that a temporal correlation asks for, and whether its flows were there. */
export interface Step {
  readonly rule: string;
  readonly matched: boolean;
}

/** The steps of a temporal rule's finding, in the rule's order; undefined for any other rule and for the note of an end. */
export function stepsOf({ rule, record, counter }: Finding): readonly Step[] | undefined {
  const { correlation, timespanSeconds } = rule;
  if (
    record.multiple === resolutionMultiple ||
    (correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered')
  )
    return undefined;
  const { type, parts } = correlation;
  const slotSeconds = slotSecondsOf(timespanSeconds);
  const window = { first: Math.floor(record.from / slotSeconds), last: Math.ceil(record.to / slotSeconds) - 1 };
  return parts.map((part, index) => ({
    rule: part.name,
    matched: type === 'temporal_ordered' ? index < record.value : occurs(part, window, counter),
  }));
}
