import { detachString } from '../lambda/common/detach-string.ts';

/** Maximum number of cached sets: values repeat soon, or never. */
const maxRemembered = 10_000;

/**
 * A cache of sets with one value. A set takes ten times the memory of its value, and most time slots hold one value, or
 * one batch. The sets are shared and must not be changed.
 */
export class SingleValues {
  readonly #known = new Map<string, ReadonlySet<string>>();

  /** Returns the set of one value. */
  of(value: string): ReadonlySet<string> {
    const known = this.#known.get(value);
    if (known) return known;
    if (this.#known.size >= maxRemembered) this.#known.clear();
    const detached = detachString(value);
    const single = new Set([detached]);
    this.#known.set(detached, single);
    return single;
  }
}
