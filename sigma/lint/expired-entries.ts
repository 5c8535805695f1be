import { unpacked } from '../../lambda/networks/network-entry.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';

/** How much of a list is over. */
export interface ExpiredEntries {
  readonly list: string;
  readonly expired: number;
  /** Of how many. */
  readonly entries: number;
}

/**
 * The named lists of which some entries have expired, as they were compiled: what has come from S3 since is not known
 * here.
 *
 * @param time epoch seconds
 */
export function expiredEntries({ lists }: RuleSet, time: number): ExpiredEntries[] {
  return lists.flatMap(({ name, entries }) => {
    const expired = entries.filter((entry) => (unpacked(entry).expires ?? Number.POSITIVE_INFINITY) <= time).length;
    return expired > 0 ? { list: name, expired, entries: entries.length } : [];
  });
}
