import { type AlertRecord, suppresses } from '../counters/alert-record.ts';
import type { Rule } from '../rules/model.ts';
import type { DueWindow } from './due-windows.ts';

/** The largest number of episodes of one rule and key that a batch alerts on; a flow log of days may hold more. */
const maxEpisodes = 10;

/**
 * Returns one window for each episode: the window with the highest value. An episode is the due windows that end within
 * one suppression period, without those that a live alert or the episode before suppresses.
 *
 * @param due the due windows in order of time
 * @param records the alert records of the counter
 * @returns the last ten at most, in order of time
 */
export function episodesOf(due: readonly DueWindow[], rule: Rule, records: readonly AlertRecord[]): DueWindow[] {
  const episodes: DueWindow[] = [];
  const open = due.filter((window) => !records.some((record) => suppresses(record, rule, window)));
  // In order of time, so that an episode reads only its own windows: a flow log of weeks holds thousands.
  const endingBefore = (seconds: number) => {
    const next = open.findIndex(({ window }) => window.to >= seconds);
    return open.slice(0, next < 0 ? open.length : next);
  };
  while (open.length > 0) {
    const episode = endingBefore(open[0]!.window.to + rule.suppressSeconds);
    const highest = episode.reduce((best, one) => (best.value > one.value ? best : one));
    episodes.push(highest);
    const covered = endingBefore(highest.window.to + rule.suppressSeconds);
    open.splice(0, covered.length, ...covered.filter(({ multiple }) => multiple > highest.multiple));
  }
  return episodes.slice(-maxEpisodes);
}
