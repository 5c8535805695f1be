/**
 * The times from which rules with `first_seen` learn, in epoch seconds, by their names: see learningName. Pairs are counted
 * without rules, so they are known from the first batch of all. Any other group is known from the first batch that is
 * matched with the rule and a table of regions.
 */
export type LearningStarts = ReadonlyMap<string, number>;
