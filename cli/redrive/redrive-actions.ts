/**
 * Actions for a batch that the table no longer remembers, and may have been counted in part: it arrived longer ago than
 * the table retains counters, or is too large for an event. See docs/operate/redrive.md.
 */
export const expiredActions = ['skip', 'count', 'store'] as const;
export type ExpiredAction = (typeof expiredActions)[number];

/**
 * Actions for records that the function returned as failed and can read now. They were counted and did not fit into the
 * response, unless they were unreadable on arrival, as when a format was missing.
 */
export const overflowedActions = ['store', 'count'] as const;
export type OverflowedAction = (typeof overflowedActions)[number];
