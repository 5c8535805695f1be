import { describe, expect, it } from 'vitest';
import { type ContextItem, type ContextTable, stateKey } from '../../../lambda/context/context-table.ts';

const signal = new AbortController().signal;
let partitions = 0;

/** Returns items of a partition that no other test has, with the sort keys. */
function itemsOf(...keys: string[]): ContextItem[] {
  partitions += 1;
  return keys.map((sk, n) => ({ pk: `interface#eni-${partitions}`, sk, json: JSON.stringify({ n }), expiresAt: 5000 }));
}

/** Tests what each table of context promises. */
export function contextTableContract(name: string, tableOf: () => ContextTable): void {
  const read = (pk: string, from = '0', to = '9', limit = 100) => tableOf().query(pk, from, to, limit, signal);

  describe(`a context table: ${name}`, () => {
    it('returns an item as it was put, and nothing for another key', async () => {
      const [item] = itemsOf('1#a') as [ContextItem];
      await tableOf().put([item], signal);
      expect(await tableOf().get(item.pk, '1#a', signal)).toEqual(item);
      expect(await tableOf().get(item.pk, '1#b', signal)).toBeUndefined();
    });

    it('replaces the item with the same keys, also within one call', async () => {
      const [item] = itemsOf('1#a') as [ContextItem];
      await tableOf().put([item, { ...item, json: '{"n":1}' }], signal);
      expect(await read(item.pk)).toEqual([{ ...item, json: '{"n":1}' }]);
      await tableOf().put([{ ...item, json: '{"n":2}' }], signal);
      expect(await read(item.pk)).toEqual([{ ...item, json: '{"n":2}' }]);
    });

    it('returns the last items of a range first, at most as many as the limit, with both ends', async () => {
      const items = itemsOf('1#a', '2#a', '2#b', '3#a', '4#a');
      await tableOf().put(items, signal);
      const pk = items[0]!.pk;
      expect(await read(pk, '2#a', '3#a')).toEqual([items[3], items[2], items[1]]);
      expect(await read(pk, '2#a', '4#a', 2)).toEqual([items[4], items[3]]);
    });

    it('returns nothing for a partition without items, and for a range that ends before it begins', async () => {
      const [item] = itemsOf('1#a') as [ContextItem];
      await tableOf().put([item], signal);
      expect(await read('interface#eni-none')).toEqual([]);
      expect(await read(item.pk, '2', '1')).toEqual([]);
    });

    it('puts more items than a batch of DynamoDB may have, also none', async () => {
      const items = itemsOf(...Array.from({ length: 60 }, (_, n) => `1#${n + 100}`));
      await tableOf().put(items, signal);
      await tableOf().put([], signal);
      expect(await read(items[0]!.pk)).toEqual(items.toReversed());
    });

    it('returns all items of a range that has more than a page of DynamoDB', async () => {
      const items = itemsOf('1#a', '1#b', '1#c', '1#d').map((item) => ({ ...item, json: `"${'x'.repeat(390_000)}"` }));
      for (const item of items) await tableOf().put([item], signal);
      expect((await read(items[0]!.pk)).map(({ sk }) => sk)).toEqual(['1#d', '1#c', '1#b', '1#a']);
    });

    it('puts an item only if the stored version is the expected one', async () => {
      const [item] = itemsOf(stateKey) as [ContextItem];
      const putIf = (version: number, expected: number | undefined) =>
        tableOf().putIf({ ...item, version }, expected, signal);
      expect(await putIf(2, 1)).toBe(false);
      expect(await putIf(1, undefined)).toBe(true);
      expect(await putIf(1, undefined)).toBe(false);
      expect(await putIf(3, 2)).toBe(false);
      expect(await putIf(2, 1)).toBe(true);
      expect(await tableOf().get(item.pk, stateKey, signal)).toEqual({ ...item, version: 2 });
    });

    it('lets one of several writers at once put the next version', async () => {
      const [item] = itemsOf(stateKey) as [ContextItem];
      await tableOf().putIf({ ...item, version: 1 }, undefined, signal);
      const puts = Array.from({ length: 5 }, () => tableOf().putIf({ ...item, version: 2 }, 1, signal));
      expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(1);
    });
  });
}
