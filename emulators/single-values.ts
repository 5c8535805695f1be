import { detachString } from '../lambda/common/detach-string.ts';

/** So many are remembered at most: values come again soon, or not at all. */
const maxRemembered = 10_000;

/**
 * Sets of one value, the same set for the same value: a set takes ten times the memory of what is in it, and most slots
 * of time hold one value, or one batch. They must not be changed.
 */
export class SingleValues {
  readonly #known = new Map<string, ReadonlySet<string>>();

  of(value: string): ReadonlySet<string> {
    const known = this.#known.get(value);
    if (known) return known;
    if (this.#known.size >= maxRemembered) this.#known.clear();
    const own = detachString(value);
    const single = new Set([own]);
    this.#known.set(own, single);
    return single;
  }
}
