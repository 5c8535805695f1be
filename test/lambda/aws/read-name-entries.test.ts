import { expect, it } from 'vitest';
import { readNameEntries } from '../../../lambda/aws/read-name-entries.ts';
import { missingEntry } from '../../../lambda/names/name-entry.ts';
import { entryItem } from '../../../lambda/names/name-items.ts';

const keys = ['a', 'b', 'c'].map((digit) => ({ interface: `eni-${digit.repeat(8)}` }));
const [first, second, third] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
const $metadata = {};

it('returns entries by their keys, and leaves out a key that the table did not process', async () => {
  const entry = missingEntry(undefined, { reason: 'not found', time: 1000 });
  const asked: unknown[] = [];
  const { read, entries } = await readNameEntries('names', keys, async (input) => {
    asked.push(input);
    const UnprocessedKeys = { names: { Keys: [{ pk: { S: `interface#${second.interface}` } }] } };
    return { $metadata, Responses: { names: [entryItem(first, entry, 1000)] }, UnprocessedKeys };
  });
  expect(asked).toEqual([
    { RequestItems: { names: { Keys: keys.map((key) => ({ pk: { S: `interface#${key.interface}` } })) } } },
  ]);
  expect(read).toEqual([first, third]);
  expect(entries).toEqual(new Map([[`interface#${first.interface}`, entry]]));
});

it('ignores items that are no entries, and an answer without items', async () => {
  const items = [{}, { pk: { S: 'interface#eni-aaaaaaaa' }, entry: { S: '{' } }];
  const broken = await readNameEntries('names', keys, async () => ({ $metadata, Responses: { names: items } }));
  const empty = await readNameEntries('names', keys, async () => ({ $metadata }));
  expect([broken, empty]).toEqual(Array.from({ length: 2 }, () => ({ read: keys, entries: new Map() })));
});
