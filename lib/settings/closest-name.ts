/**
 * Returns the name that is closest to a misspelt one; undefined if none is similar. Similar: at most a third of the
 * letters differ, without regard to case.
 */
export function closestName(text: string, names: readonly string[]): string | undefined {
  const maxDistance = Math.max(1, Math.floor(text.length / 3));
  const ranked = names
    .map((name) => ({ name, distance: editDistance(text.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** Returns `; did you mean <name>?` for the name that is closest to a misspelt one; empty if none is similar. */
export function didYouMean(text: string, names: readonly string[]): string {
  const closest = closestName(text, names);
  return closest === undefined ? '' : `; did you mean ${closest}?`;
}

/** Returns how many letters must be added, removed or replaced to turn one text into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
