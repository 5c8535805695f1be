import { enumerated } from '../../lambda/common/text.ts';

/**
 * The missing fields that flows need: each alternative is a set of fields that is enough, and none contains another.
 * `[[]]` if nothing is missing; empty if no field helps.
 */
export type NeededFields = readonly (readonly string[])[];

export const nothingNeeded: NeededFields = [[]];

/** Returns whether flows have a field. An endpoint is read from either of two fields: flow-log/endpoints.ts. */
export function hasField(names: ReadonlySet<string>, field: string): boolean {
  return names.has(field) || ((field === 'srcaddr' || field === 'dstaddr') && names.has(`pkt-${field}`));
}

/** Alternatives above this number are left out, the longest first: a hostile rule could have millions. */
const maxAlternatives = 32;

/** Returns whether flows need no further field. */
export function isSeen(needed: NeededFields): boolean {
  return needed.some((fields) => fields.length === 0);
}

/** Returns the fields that make any of several things work; no field helps without such a thing. */
export function eitherOf(all: readonly NeededFields[]): NeededFields {
  return shortest(all.flat());
}

/** Returns the fields that make all of several things work. */
export function allOf(all: readonly NeededFields[]): NeededFields {
  return all.reduce((sum, one) => combined(sum, one), nothingNeeded);
}

/** Returns the fields that make a number of several things work. */
export function atLeast(count: number, all: readonly NeededFields[]): NeededFields {
  // For each number up to the wanted one, what makes as many of the things so far work.
  let needed: NeededFields[] = [nothingNeeded];
  for (const one of all) {
    const extended = [...needed, []].map((same, index) =>
      index === 0 ? nothingNeeded : eitherOf([same, combined(needed[index - 1]!, one)]),
    );
    needed = extended.slice(0, count + 1);
  }
  return needed[count] ?? [];
}

/** Formats needed fields: `tcp-flags`, `tcp-flags and bytes`, `tcp-flags or flow-direction`. */
export function neededText(needed: NeededFields): string {
  return enumerated(
    needed.map((fields) => enumerated(fields)),
    'or',
  );
}

function combined(some: NeededFields, others: NeededFields): NeededFields {
  return shortest(some.flatMap((one) => others.map((other) => together(one, other))));
}

/** Returns both sets of fields as one, without an endpoint that the packet's address gives. */
function together(one: readonly string[], other: readonly string[]): string[] {
  const names = new Set([...one, ...other]);
  for (const address of ['srcaddr', 'dstaddr']) if (names.has(`pkt-${address}`)) names.delete(address);
  return [...names].sort();
}

/** Returns the alternatives that contain no other one, in a stable order. */
function shortest(alternatives: NeededFields): NeededFields {
  const unique = new Map(alternatives.map((fields) => [fields.join(), fields]));
  const sorted = [...unique].sort(([a, one], [b, other]) => one.length - other.length || (a < b ? -1 : 1));
  const kept: (readonly string[])[] = [];
  for (const [, fields] of sorted) {
    if (kept.length === maxAlternatives) break;
    const names = new Set(fields);
    if (!kept.some((shorter) => shorter.every((field) => hasField(names, field)))) kept.push(fields);
  }
  return kept;
}
