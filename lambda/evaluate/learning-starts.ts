/**
 * The times from which rules with `first_seen` learn, in epoch seconds, by the grouping of their keys: see learningGrouping.
 * Pairs are counted without rules, so they are known from the first flow of all. Any other group is known from the first
 * batch after a rule of its grouping was deployed.
 */
export type LearningStarts = ReadonlyMap<string, number>;
