import { seriesOf } from '../../lambda/rules/correlation.ts';
import type { Rule, Series } from '../../lambda/rules/model.ts';

/**
 * Returns the time in seconds that logs must cover for any alert of a rule; 0 if a moment can be enough. The time from the
 * earliest start to the latest end of their lines is what they cover. The result may be too small and is never too large:
 * flows in three slots, for example, can be little more than one slot apart.
 */
export function shortestLogs(rule: Rule, series: readonly Series[]): number {
  const { correlation, extension, threshold } = rule;
  const activeSlots = correlation.type === 'active_slots' ? threshold : (extension.activeSlots ?? 0);
  const ids = new Set(seriesOf(correlation));
  const slots = series.filter(({ id }) => ids.has(id)).map(({ slotSeconds }) => slotSeconds);
  const slotSeconds = slots.length > 0 ? Math.min(...slots) : 0;
  return Math.max(Math.max(0, activeSlots - 2) * slotSeconds, extension.firstSeen?.learningSeconds ?? 0);
}
