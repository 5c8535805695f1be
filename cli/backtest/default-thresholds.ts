import type { Rule } from '../../lambda/rules/model.ts';

/** How many times its own threshold a rule is tried with. */
const multiples = [1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

/** The thresholds above its own that a rule is tried with, ascending; whole numbers, since what is measured is. */
export function defaultThresholds({ threshold }: Rule): number[] {
  const steps = multiples.map((multiple) => Math.ceil(threshold * multiple));
  return [...new Set(steps)].filter((step) => step > threshold);
}
