import type { Counter } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { Series } from '../rules/model.ts';

/** The number of slots after which the older half is forgotten: some 20 MB. */
const maxSlots = 100_000;

/**
 * The slots of presence that a process has seen in the table. A series of presence asks only whether a slot has flows. An
 * update that adds nothing else is left out if its slots are known.
 *
 * A forgotten or unknown slot costs a read, and no more: to write a slot again does not change its meaning.
 */
export class KnownSlots {
  readonly #series: ReadonlyMap<string, Pick<Series, 'measure'>>;
  readonly #maxSlots: number;
  #recent = new Set<string>();
  #older = new Set<string>();

  constructor(series: ReadonlyMap<string, Pick<Series, 'measure'>>, options: { readonly maxSlots?: number } = {}) {
    this.#series = series;
    this.#maxSlots = options.maxSlots ?? maxSlots;
  }

  /** Returns whether an update adds to nothing but series of presence. An update of a pair also adds to its totals. */
  isOfPresence({ totals, additions }: KeyDelta): boolean {
    return !totals && additions.every(({ series }) => this.#series.get(series)?.measure.kind === 'presence');
  }

  /** Returns whether the table is known to hold all that an update adds. */
  isKnown(delta: KeyDelta): boolean {
    return (
      this.isOfPresence(delta) && slotNames(delta).every((name) => this.#recent.has(name) || this.#older.has(name))
    );
  }

  /** Returns whether a stored counter holds all that an update adds. */
  isStored(delta: KeyDelta, { slots }: Pick<Counter, 'slots'>): boolean {
    return this.isOfPresence(delta) && delta.additions.every(({ series, slot }) => slots.get(series)?.has(slot));
  }

  /**
   * Remembers what updates have added. The counters must hold it and be evaluated since, with no alert due or pending:
   * the rules are not evaluated again for an update that is left out.
   */
  remember(updates: Iterable<KeyDelta>): void {
    for (const delta of updates) {
      if (!this.isOfPresence(delta)) continue;
      for (const name of slotNames(delta)) this.#recent.add(name);
      if (this.#recent.size <= this.#maxSlots / 2) continue;
      this.#older = this.#recent;
      this.#recent = new Set();
    }
  }
}

function slotNames({ key, additions }: KeyDelta): string[] {
  return additions.map(({ series, slot }) => `${series} ${slot} ${key.pk}`);
}
