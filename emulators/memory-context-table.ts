import type { ContextItem, ContextTable } from '../lambda/context/context-table.ts';

/** Stores context events and sent alerts in memory, with the contract of the table. */
export class MemoryContextTable implements ContextTable {
  /** By partition key, then by sort key. */
  readonly #partitions = new Map<string, Map<string, ContextItem>>();

  /** All items, in no order. */
  get items(): ContextItem[] {
    return [...this.#partitions.values()].flatMap((partition) => [...partition.values()]);
  }

  async put(items: readonly ContextItem[]): Promise<void> {
    for (const item of items) this.#partition(item.pk).set(item.sk, item);
  }

  async putIf(item: ContextItem, version: number | undefined): Promise<boolean> {
    const partition = this.#partition(item.pk);
    const stored = partition.get(item.sk);
    const isAsExpected = version === undefined ? stored === undefined : stored?.version === version;
    if (isAsExpected) partition.set(item.sk, item);
    return isAsExpected;
  }

  async get(pk: string, sk: string): Promise<ContextItem | undefined> {
    return this.#partitions.get(pk)?.get(sk);
  }

  async query(pk: string, from: string, to: string, limit: number): Promise<readonly ContextItem[]> {
    const inRange = [...(this.#partitions.get(pk)?.values() ?? [])].filter(({ sk }) => sk >= from && sk <= to);
    return inRange.sort((a, b) => (a.sk < b.sk ? 1 : -1)).slice(0, limit);
  }

  #partition(pk: string): Map<string, ContextItem> {
    const known = this.#partitions.get(pk) ?? new Map<string, ContextItem>();
    this.#partitions.set(pk, known);
    return known;
  }
}
