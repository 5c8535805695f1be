import type { Rule } from '../../lambda/rules/model.ts';
import { maxActiveSlots } from '../../sigma/compile/presence.ts';

/** Multiples of the threshold of a rule to try. */
const multiples = [1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

/** Returns the higher thresholds to try for a rule, ascending; integers, since the measured values are integers. */
export function defaultThresholds({ threshold, correlation, timespanSeconds, extension }: Rule): number[] {
  if (correlation.type === 'active_slots') {
    const max = maxActiveSlots(timespanSeconds, extension.silent?.forSeconds);
    return Array.from({ length: Math.max(0, max - threshold) }, (_, n) => threshold + 1 + n);
  }
  const steps = multiples.map((multiple) => Math.ceil(threshold * multiple));
  return [...new Set(steps)].filter((step) => step > threshold);
}
