import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { isSevere, type Level, severityRank } from '../../lambda/rules/level.ts';

/** Returns whether a list must show an alert, however many others there are. */
export function isAlwaysListed({ level, ended }: Pick<AlertBody, 'level' | 'ended'>): boolean {
  return !ended && isSevere(level as Level);
}

/**
 * Compares two alerts: the most severe first, then the highest multiple of the threshold, then the latest. Resolution
 * notices come last. Equal alerts have the order of their ids.
 */
export function compareAlerts(a: AlertBody, b: AlertBody): number {
  return (
    Number(a.ended) - Number(b.ended) ||
    severityRank(a.level) - severityRank(b.level) ||
    b.multiple - a.multiple ||
    b.time - a.time ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}
