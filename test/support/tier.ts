/** Whether the thorough tier runs, as in `npm run test:nightly`. */
export const isNightly = process.env.TEST_TIER === 'nightly';

/** Returns how many runs a property has, or which cases a test has: few in `npm test`, all at night. */
export function byTier<T>(quick: T, nightly: T): T {
  return isNightly ? nightly : quick;
}
