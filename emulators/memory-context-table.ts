import type { ContextItem, ContextTable } from '../lambda/context/context-table.ts';

/** The table of context events in memory. It keeps items after they expire, as DynamoDB does for a while. */
export class MemoryContextTable implements ContextTable {
  readonly #partitions = new Map<string, Map<string, ContextItem>>();

  async put(items: readonly ContextItem[]): Promise<void> {
    for (const item of items) this.#put(item);
  }

  async putIf(item: ContextItem, version: number | undefined): Promise<boolean> {
    if (this.#partitions.get(item.pk)?.get(item.sk)?.version !== version) return false;
    this.#put(item);
    return true;
  }

  async get(pk: string, sk: string): Promise<ContextItem | undefined> {
    return this.#partitions.get(pk)?.get(sk);
  }

  async query(pk: string, from: string, to: string, limit: number): Promise<readonly ContextItem[]> {
    const items = [...(this.#partitions.get(pk)?.values() ?? [])].filter(({ sk }) => sk >= from && sk <= to);
    return items.sort((a, b) => (a.sk < b.sk ? 1 : -1)).slice(0, limit);
  }

  #put(item: ContextItem): void {
    const partition = this.#partitions.get(item.pk) ?? new Map<string, ContextItem>();
    this.#partitions.set(item.pk, partition.set(item.sk, item));
  }
}
