import type { Rule } from '../../lambda/rules/model.ts';

/** Multiples of the threshold of a rule to try. */
const multiples = [1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

/** Returns the higher thresholds to try for a rule, ascending; integers, since the measured values are integers. */
export function defaultThresholds({ threshold }: Rule): number[] {
  const steps = multiples.map((multiple) => Math.ceil(threshold * multiple));
  return [...new Set(steps)].filter((step) => step > threshold);
}
