/**
 * Actions for a batch that arrived too long ago to be recognized by its dedup token, and may have been counted in part:
 * see docs/operate/redrive.md.
 */
export const expiredActions = ['skip', 'count', 'store'] as const;
export type ExpiredAction = (typeof expiredActions)[number];

/**
 * Actions for records that the function returned as failed and can read now. They were counted and did not fit into the
 * response, unless they were unreadable on arrival, as when a format was missing.
 */
export const overflowedActions = ['store', 'count'] as const;
export type OverflowedAction = (typeof overflowedActions)[number];
