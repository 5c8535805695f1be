/** Returns `; did you mean <name>?` for the known name that is closest to a misspelt one; empty if none is close. */
export function didYouMean(given: string, known: readonly string[]): string {
  const rated = known.map((name) => ({ name, distance: editDistance(given, name) }));
  const best = rated.reduce<(typeof rated)[number] | undefined>(
    (a, b) => (a === undefined || b.distance < a.distance ? b : a),
    undefined,
  );
  return best && best.distance <= Math.max(1, given.length / 3) ? `; did you mean ${best.name}?` : '';
}

/** Returns the number of characters to insert, remove or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + Number(letter !== other)));
    }
    row = next;
  }
  return row[b.length]!;
}
