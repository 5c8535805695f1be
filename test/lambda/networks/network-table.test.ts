import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressGroups, isInNetwork, type Network, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import type { NetworkEntry } from '../../../lambda/networks/network-entry.ts';
import { NetworkTable } from '../../../lambda/networks/network-table.ts';

const table = new NetworkTable([
  { network: '10.0.0.0/8', label: 'all' },
  { network: '10.1.0.0/16', label: 'site', expires: 1000 },
  { network: '10.1.2.3', label: 'host', expires: 500 },
  { network: '2001:db8::/32', label: 'documentation' },
]);

/** Networks and addresses that differ in few bits, so that networks often contain addresses. */
const address = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.')),
  fc.array(fc.constantFrom('0', '1', '8000', 'ffff'), { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':')),
);
const entry = fc
  .record({ address, bits: fc.nat(128), label: fc.constantFrom('a', 'b'), expires: fc.option(fc.nat(10)) })
  .map(({ address: text, bits, label, expires }): NetworkEntry => {
    const length = Math.min(bits, addressGroups(text)!.length * 16);
    const parsed = parseNetwork(`${text}/${length}`);
    const network = 'problem' in parsed ? /expected (\S+)/.exec(parsed.problem)![1]! : `${text}/${length}`;
    return { network, label, ...(expires !== null && { expires }) };
  });

describe('NetworkTable', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['10.9.9.9', 0, 'all'],
    ['10.1.9.9', 999, 'site'],
    ['10.1.9.9', 1000, 'all'],
    ['10.1.2.3', 499, 'host'],
    ['10.1.2.3', 500, 'site'],
    ['10.1.2.3', 1000, 'all'],
    ['10.1.2.3', undefined, 'host'],
    ['11.0.0.0', 0, undefined],
    ['2001:db8:1::1', 0, 'documentation'],
    ['2001:DB8:1::1', 0, 'documentation'],
    ['2001:db9::', 0, undefined],
    ['host', 0, undefined],
    ['', 0, undefined],
  ])('finds for %s at time %s the entry %s', (text, time, label) => {
    expect(table.lookup(text, time)?.label).toBe(label);
    expect(table.lookup(text, time)?.label).toBe(label);
  });

  it('stores the entry that expires last when a network is listed twice', () => {
    const twice = new NetworkTable([
      { network: '10.0.0.0/8', label: 'long', expires: 9 },
      { network: '10.0.0.0/8', label: 'short', expires: 5 },
      { network: '10.0.0.0/8', label: 'as long', expires: 9 },
    ]);
    expect(twice.size).toBe(1);
    expect(twice.lookup('10.0.0.1', 5)?.label).toBe('long');
  });

  it('finds the same entry as a search of all entries', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { size: 'max', maxLength: 40 }),
        fc.array(fc.tuple(address, fc.option(fc.nat(10), { nil: undefined })), { size: 'max', maxLength: 10 }),
        (entries, lookups) => {
          const built = new NetworkTable(entries);
          for (const [text, time] of lookups) {
            const containing = entries
              .filter(({ network }) => isInNetwork(addressGroups(text)!, parseNetwork(network) as Network))
              .filter(({ expires = Number.POSITIVE_INFINITY }) => time === undefined || time < expires)
              .map(({ network }) => Number(network.split('/')[1]));
            const found = built.lookup(text, time);
            expect(built.has(text)).toBe(built.lookup(text, undefined) !== undefined);
            expect(found && Number(found.network.split('/')[1])).toBe(
              containing.length > 0 ? Math.max(...containing) : undefined,
            );
            if (found) expect(entries).toContainEqual(found);
          }
        },
      ),
    );
  });

  it('looks an address up in the same number of steps for any number of networks', () => {
    const steps = [10, 1000, 50_000].map((count) => {
      const networks = Array.from({ length: count }, (_, n) => ({ network: `10.${n >> 8}.${n & 255}.0/24` }));
      const built = new NetworkTable([...networks, { network: '192.0.2.0/28' }, { network: 'fc00::/7' }]);
      const gets = vi.spyOn(Map.prototype, 'get');
      expect(built.lookup('198.51.100.1', 0)).toBeUndefined();
      const { length } = gets.mock.calls;
      gets.mockRestore();
      return length;
    });
    expect(steps).toEqual([4, 4, 4]);
  });

  it('returns correct entries for more addresses than its cache holds', () => {
    for (let n = 0; n < 12_000; n += 1) {
      expect(table.lookup(`${n % 2 === 0 ? 10 : 11}.2.${n >> 8}.${n & 255}`, 0)?.label).toBe(
        n % 2 === 0 ? 'all' : undefined,
      );
    }
  });
});
