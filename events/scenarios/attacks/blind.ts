import { labelsOf } from '../labels.ts';
import type { Interface } from '../network.ts';
import type { Attack } from '../scenario.ts';

/** Attacks that hide traffic from the flow logs. */

/** Removes the traffic of an interface, which then reports NODATA each minute. */
export function quietPeriod(name: string, blinded: Interface, from: number, to: number): Attack {
  const labels = labelsOf(['silent_interface'], { 'interface-id': blinded.id }, from, to);
  return { name, labels, conversations: [], quietPeriods: [{ interface: blinded, from, to }] };
}

/** Reports skipped records for consecutive minutes, as happens by a lack of capacity or during a flood. */
export function skip(name: string, blinded: Interface, from: number, minutes: number): Attack {
  const skips = Array.from({ length: minutes }, (_, n) => ({ interface: blinded, at: from + 60 * n }));
  const labels = labelsOf(['skipped_records'], { 'interface-id': blinded.id }, from - 60, from + 60 * minutes);
  return { name, labels, conversations: [], skips };
}
