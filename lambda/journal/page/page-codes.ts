import type { Measure } from '../../rules/model.ts';

/** How a row's key is written: eight bytes, the partition key, or the partition key and its fields; in two bits. */
export const keyKinds = { ipv4Pair: 0, text: 1, full: 2 } as const;
export const keyKindMask = 3;

/** Flags of a row, in the byte of its key's kind. */
export const rowFlags = { hasTotals: 4, hasPart: 8, repeatsEvidence: 16, hasOverflow: 32 } as const;

/** The kinds of measures, each by its number. */
export const measureKinds: readonly Measure['kind'][] = ['count', 'presence', 'sum', 'distinct'];

/** The most rows and series of a page. An item of 400 KB has some 30,000 rows. */
export const maxPageRows = 2 ** 17;
export const maxPageSeries = 4096;
