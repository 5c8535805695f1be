import { isDue, type NameEntry, repeatSeconds } from './name-entry.ts';
import { type NameKey, nameKeyText } from './name-key.ts';

/** The most names that a batch asks for, and the most requests that a process remembers. */
const maxRequests = 25;
const maxRemembered = 5000;

/** The requests of a process: a name that does not come must not be asked for with every batch. */
export class NameRequests {
  readonly #asked = new Map<string, number>();

  /**
   * Returns the keys to ask for, the first ones of the due keys, and remembers them.
   *
   * @param entries by the text of their keys
   * @param now epoch seconds
   */
  take(keys: readonly NameKey[], entries: ReadonlyMap<string, NameEntry>, now: number): NameKey[] {
    for (const [key, time] of this.#asked) if (now - time >= repeatSeconds) this.#asked.delete(key);
    const taken: NameKey[] = [];
    for (const key of keys) {
      const text = nameKeyText(key);
      if (taken.length === maxRequests || this.#asked.size === maxRemembered) break;
      if (this.#asked.has(text) || !isDue(entries.get(text), now)) continue;
      this.#asked.set(text, now);
      taken.push(key);
    }
    return taken;
  }
}
