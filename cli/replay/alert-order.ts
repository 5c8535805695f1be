import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { type Level, severeFirst } from '../../lambda/rules/level.ts';

/** Levels of which a list shows every alert. */
const severeLevels: readonly string[] = ['critical', 'high'];

/** Returns whether a list must show an alert, however many others there are. */
export function isSevere({ level, ended }: Pick<AlertBody, 'level' | 'ended'>): boolean {
  return !ended && severeLevels.includes(level);
}

/**
 * Compares two alerts: the most severe first, then the highest multiple of the threshold, then the latest. Resolution
 * notices come last. Equal alerts have the order of their ids.
 */
export function compareAlerts(a: AlertBody, b: AlertBody): number {
  const rank = ({ level }: AlertBody) => severeFirst.indexOf(level as Level);
  return (
    Number(a.ended) - Number(b.ended) ||
    rank(a) - rank(b) ||
    b.multiple - a.multiple ||
    b.time - a.time ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}
