import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownAddress } from '../../../lambda/names/known-interface.ts';
import {
  foundEntry,
  isDue,
  isOld,
  type MissingReason,
  missingEntry,
  type NameEntry,
} from '../../../lambda/names/name-entry.ts';
import { entryItem, readEntryItem } from '../../../lambda/names/name-items.ts';

const key = { address: '10.0.1.5', place: 'vpc-0a1b2c3d' };

function holder(instance: string, more: Partial<KnownAddress> = {}): KnownAddress {
  const groups: string[] = [];
  return {
    interface: `eni-${instance}`,
    kind: 'instance',
    id: instance,
    groups,
    address: '10.0.1.5',
    isShared: false,
    ...more,
  };
}

/** A look-up: the holder, or the reason why no holder is known. `later` is the time since the look-up before. */
const lookup = fc.record({
  result: fc.constantFrom('i-a', 'i-b', 'i-c', 'not found', 'denied', 'throttled', 'failed'),
  later: fc.integer({ min: 1, max: 5000 }),
});

describe('the entry of a key', () => {
  it('knows the last holder, who had the key before and until when, and since when nobody has it', () => {
    fc.assert(
      fc.property(fc.array(lookup, { minLength: 1, maxLength: 12 }), (lookups) => {
        let entry: NameEntry | undefined;
        let time = 1000;
        const history: { id: string; from: number; until: number }[] = [];
        let goneAt: number | undefined;
        for (const { result, later } of lookups) {
          time += later;
          if (result.startsWith('i-')) {
            entry = foundEntry(entry, [holder(result)], time);
            const last = history.at(-1);
            if (last?.id === result) last.until = time;
            else history.push({ id: result, from: time, until: time });
            goneAt = undefined;
          } else {
            entry = missingEntry(entry, { reason: result as MissingReason, time });
            if (result === 'not found' && history.length > 0) goneAt ??= time;
          }
        }
        const [last, former] = [history.at(-1), history.at(-2)];
        expect(entry?.holder?.id).toBe(last?.id);
        expect(entry?.holder?.time).toBe(last?.until);
        expect(entry?.before?.id).toBe(former?.id);
        expect(entry?.before?.until).toBe(former?.until);
        expect(entry?.seenSince).toBe(former && last!.from);
        expect(entry?.goneAt).toBe(goneAt);
        expect(entry?.missing === undefined).toBe(lookups.at(-1)!.result.startsWith('i-'));
      }),
    );
  });

  it('takes less than 4 KB as an item, and reads back, when tags and names of groups are hostile', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const wide = fc.constantFrom('"'.repeat(300), '\\'.repeat(300), '\ufffd'.repeat(300), '\ud800'.repeat(300));
    const any = fc.oneof(text, wide);
    const known = fc.record({
      ...{ interface: any, name: any, owner: any, account: any, vpc: any, subnet: any, zone: any, id: any },
      groups: fc.array(any, { maxLength: 20 }),
      since: fc.integer(),
    });
    fc.assert(
      fc.property(known, known, (first, second) => {
        const found = (values: typeof first) =>
          Array.from({ length: 20 }, (_, n) =>
            holder('i', {
              ...values,
              kind: 'transit gateway attachment',
              address: `2001:db8:1111:2222:3333:4444:5555:${(0x1000 + n).toString(16)}`,
            }),
          );
        const former = missingEntry(foundEntry(undefined, found(first), 1_796_000_000), {
          reason: 'not found',
          time: 1_796_000_001,
        });
        const entry = foundEntry(former, found(second), 1_796_000_002, { reason: 'throttled', time: 1_796_000_002 });
        const item = entryItem(key, entry, 1_796_000_002);
        const bytes = Object.entries(item).flatMap(([name, value]) => [name, ...Object.values(value)]);
        expect(Buffer.byteLength(bytes.join(''))).toBeLessThan(4096);
        expect(readEntryItem(item)?.entry).toEqual(JSON.parse(JSON.stringify(entry)));
      }),
    );
  });

  it('keeps the former answer when EC2 describes the same interface without its instance', () => {
    const named = foundEntry(undefined, [holder('i-a', { name: 'web-1' })], 1000);
    const missing = { reason: 'throttled', time: 6000 } as const;
    expect(foundEntry(named, [holder('i-a')], 6000, missing)).toEqual({ ...named, missing });
    expect(foundEntry(undefined, [holder('i-a')], 6000, missing)).toMatchObject({ holder: { id: 'i-a' }, missing });
  });

  it.each([
    [undefined, true, false],
    [foundEntry(undefined, [holder('i-a')], 1000), false, false],
    [foundEntry(undefined, [holder('i-a')], 1000 - 3599), false, false],
    [foundEntry(undefined, [holder('i-a')], 1000 - 3600), true, true],
    [missingEntry(undefined, { reason: 'not found', time: 1000 - 599 }), false, false],
    [missingEntry(undefined, { reason: 'throttled', time: 1000 - 600 }), true, false],
    [missingEntry(foundEntry(undefined, [holder('i-a')], -9000), { reason: 'denied', time: 1000 }), false, true],
    [foundEntry(undefined, [holder('i-a')], 300, { reason: 'throttled', time: 300 }), true, false],
  ])('of %j is due: %s, is old: %s', (entry, due, old) => {
    expect([isDue(entry, 1000), isOld(entry, 1000)]).toEqual([due, old]);
  });
});
