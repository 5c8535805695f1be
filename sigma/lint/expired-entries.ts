import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';

/** The number of expired entries of a list. */
export interface ExpiredEntries {
  readonly list: string;
  readonly expired: number;
  /** The number of all entries. */
  readonly entries: number;
}

/**
 * Returns the named lists with expired entries, as they were compiled. Newer entries from S3 are not known here.
 *
 * @param time epoch seconds
 */
export function expiredEntries({ lists }: RuleSet, time: number): ExpiredEntries[] {
  return lists.flatMap(({ name, entries }) => {
    const expired = entries.filter((entry) => (unpackEntry(entry).expires ?? Number.POSITIVE_INFINITY) <= time).length;
    return expired > 0 ? { list: name, expired, entries: entries.length } : [];
  });
}
