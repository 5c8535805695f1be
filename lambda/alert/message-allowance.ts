import { type Level, levels, severeFirst } from '../rules/level.ts';

/** A number of messages for each level. */
export type MessagesByLevel = Readonly<Record<Level, number>>;

/** The smallest limit of a minute: a message for each level. */
export const minPerMinute = levels.length;

/** Returns numbers of messages by level. */
export function byLevel(messagesOf: (level: Level) => number): Record<Level, number> {
  return Object.fromEntries(levels.map((level) => [level, messagesOf(level)])) as Record<Level, number>;
}

/**
 * Returns the caps of a minute: the maximum number of messages of a level together with all less severe levels. The cap
 * of the next level is a fifth of the minute higher. No less severe level can take that fifth.
 *
 * @param perMinute at least `minPerMinute`
 */
export function capsOf(perMinute: number): MessagesByLevel {
  return byLevel((level) => Math.floor((perMinute * (levels.indexOf(level) + 1)) / levels.length));
}

/**
 * Grants messages of one minute to a batch, the most severe level first. Over any sequence of batches, the grants stay
 * within the caps.
 *
 * @param earlier the messages that the earlier batches of the minute wanted, granted or not
 */
export function grantMessages(wanted: MessagesByLevel, earlier: MessagesByLevel, perMinute: number): MessagesByLevel {
  const caps = capsOf(perMinute);
  const used = maxGranted(earlier, caps);
  const grants = byLevel(() => 0);
  for (const level of severeFirst) {
    const sameOrHigher = levels.slice(levels.indexOf(level));
    const free = Math.min(...sameOrHigher.map((one) => caps[one] - used[one]));
    grants[level] = Math.min(wanted[level], free);
    for (const one of sameOrHigher) used[one] += grants[level];
  }
  return grants;
}

/** Returns upper bounds of the messages granted to a level together with all less severe levels. */
function maxGranted(wanted: MessagesByLevel, caps: MessagesByLevel): Record<Level, number> {
  let sum = 0;
  return byLevel((level) => {
    sum = Math.min(sum + wanted[level], caps[level]);
    return sum;
  });
}
