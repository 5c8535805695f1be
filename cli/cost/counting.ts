import type { Settings } from '../../lib/settings/settings.ts';

/** The way to count; with a journal, the minutes between two flushes and the number of lanes. */
export type Counting = Pick<Settings, 'counting' | 'countEvery' | 'countLanes'>;
