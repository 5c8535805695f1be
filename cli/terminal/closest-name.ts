import { closestName } from '../../lib/settings/closest-name.ts';

/** Returns `; did you mean <name>?` for the known name that is closest to a misspelt one; empty if none is close. */
export function didYouMean(given: string, known: readonly string[]): string {
  const closest = closestName(given, known);
  return closest === undefined ? '' : `; did you mean ${closest}?`;
}
