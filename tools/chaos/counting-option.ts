/** Which schedules to generate: counted directly, with a journal, or a share of each. */
export const countingOptions = ['direct', 'journal', 'both'] as const;
export type CountingOption = (typeof countingOptions)[number];
