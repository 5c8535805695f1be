import { endOfDay } from '../common/calendar.ts';
import type { AppliedFilter } from './model.ts';

/** Returns the filters that have expired at a time in epoch seconds. */
export function expiredFilters(filters: readonly AppliedFilter[], time: number): AppliedFilter[] {
  return filters.filter(({ expires }) => expires !== undefined && endOfDay(expires)! <= time);
}
