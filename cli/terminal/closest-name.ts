import { editDistance } from '../../lib/settings/closest-name.ts';

/** Returns `; did you mean <name>?` for the known name that is closest to a misspelt one; empty if none is close. */
export function didYouMean(given: string, known: readonly string[]): string {
  const rated = known.map((name) => ({ name, distance: editDistance(given, name) }));
  const best = rated.reduce<(typeof rated)[number] | undefined>(
    (a, b) => (a === undefined || b.distance < a.distance ? b : a),
    undefined,
  );
  return best && best.distance <= Math.max(1, given.length / 3) ? `; did you mean ${best.name}?` : '';
}
