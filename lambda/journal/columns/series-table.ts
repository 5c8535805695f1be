import type { SeriesDefinition } from './column-layout.ts';

/** The series of several pages. A series with the same id, slots and kind is the same; its cap is the largest. */
export class SeriesTable {
  readonly definitions: SeriesDefinition[] = [];
  /** For each series, the number of series before it with the same id: 0 unless two pages define the id differently. */
  readonly ordinals: number[] = [];
  /** For each series, the first one with the same id. */
  readonly firsts: number[] = [];
  readonly #byId = new Map<string, number[]>();

  /** True if two series have the same id. */
  get hasConflicts(): boolean {
    return this.#byId.size < this.definitions.length;
  }

  /** Returns the index of a series, which is added if it is new. */
  add(definition: SeriesDefinition): number {
    const { id, slotSeconds, kind, cap } = definition;
    const sameId = this.#byId.get(id) ?? [];
    for (const index of sameId) {
      const known = this.definitions[index]!;
      if (known.slotSeconds !== slotSeconds || known.kind !== kind) continue;
      if (cap > known.cap) this.definitions[index] = definition;
      return index;
    }
    const index = this.definitions.push(definition) - 1;
    this.ordinals.push(sameId.length);
    this.firsts.push(sameId[0] ?? index);
    this.#byId.set(id, [...sameId, index]);
    return index;
  }
}
