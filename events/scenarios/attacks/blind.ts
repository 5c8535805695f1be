import { labelsOf } from '../labels.ts';
import type { Interface } from '../network.ts';
import type { Attack } from '../scenario.ts';

/** What blinds the flow logs rather than shows in them. */

/** An interface that saw traffic all day sees none any more, and says so each minute. */
export function quietPeriod(name: string, blinded: Interface, from: number, to: number): Attack {
  const labels = labelsOf(['silent_interface'], { 'interface-id': blinded.id }, from, to);
  return { name, labels, conversations: [], quietPeriods: [{ interface: blinded, from, to }] };
}

/** So many minutes in a row for which records were skipped, as happens by a lack of capacity, and when somebody floods. */
export function skip(name: string, blinded: Interface, from: number, minutes: number): Attack {
  const skips = Array.from({ length: minutes }, (_, n) => ({ interface: blinded, at: from + 60 * n }));
  const labels = labelsOf(['skipped_records'], { 'interface-id': blinded.id }, from - 60, from + 60 * minutes);
  return { name, labels, conversations: [], skips };
}
