import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsQuery } from '../../../cli/dns/dns-query.ts';
import { DnsTable } from '../../../cli/dns/dns-table.ts';
import { dnsTableOf, queryOf } from '../../support/dns-queries.ts';
import { epoch } from '../../support/flows.ts';

const hour = 3600;
const day = 24 * hour;
const window = { from: epoch, to: epoch + hour };
const [host, address] = ['10.0.1.5', '198.51.100.9'];

describe('DnsTable', () => {
  it('finds the name that the host asked for last when the window ends', () => {
    const table = dnsTableOf(
      { time: epoch + 10, name: 'old.example.com.' },
      { time: epoch + hour, name: 'new.example.com.' },
      { time: epoch + hour + 1, name: 'later.example.com.' },
    );
    expect(table.namesFor(host, address, window, [])).toEqual({
      askedBy: host,
      names: [
        { name: 'new.example.com', time: epoch + hour },
        { name: 'old.example.com', time: epoch + 10 },
      ],
      more: 0,
    });
  });

  it('finds a query for a day before the window, and none after', () => {
    const asked = (time: number) => dnsTableOf({ time }).namesFor(host, address, window, [])?.names;
    expect(asked(epoch - day)).toEqual([{ name: 'update.example.com', time: epoch - day }]);
    expect(asked(epoch - day - 1)).toBeUndefined();
    expect(asked(epoch + hour + 1)).toBeUndefined();
  });

  it('gives three names and the number of the others when more lead to the address', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name, n) => ({ name, time: epoch + n }));
    const found = dnsTableOf(...names, { name: 'A.', time: epoch + 9 }).namesFor(host, address, window, []);
    expect(found).toEqual({
      askedBy: host,
      names: [
        { name: 'a', time: epoch + 9 },
        { name: 'e', time: epoch + 4 },
        { name: 'd', time: epoch + 3 },
      ],
      more: 2,
    });
  });

  it('names the last other host that asked when the host itself did not', () => {
    const table = dnsTableOf(
      { host: '10.0.1.8', time: epoch + 5, name: 'a.' },
      { host: '10.0.1.9', time: epoch + 6, name: 'b.' },
      { addresses: [] },
    );
    expect(table.namesFor(host, address, window, [])).toEqual({
      askedBy: '10.0.1.9',
      names: [{ name: 'b', time: epoch + 6 }],
      more: 1,
    });
  });

  it('finds a name by any spelling of IPv6 and of an IPv4-mapped address', () => {
    const table = dnsTableOf({ host: '2001:db8::5', addresses: ['2001:db8:1::9', '198.51.100.9'] });
    const isFound = (one: string, other: string) => table.namesFor(one, other, window, [])?.askedBy === one;
    expect(isFound('2001:db8::5', '2001:db8:1::9')).toBe(true);
    expect(isFound('2001:DB8:0::5', '2001:db8:1:0::9')).toBe(true);
    expect(isFound('2001:db8::5', '::ffff:198.51.100.9')).toBe(true);
    expect(table.namesFor('*', '198.51.100.9', window, [])).toBeUndefined();
  });

  it('decides between hosts with the same address by the VPC of the flows, and never guesses', () => {
    const table = dnsTableOf({ name: 'a.' }, { name: 'b.', vpc: 'vpc-0b' });
    const found = (...vpcs: string[]) => table.namesFor(host, address, window, vpcs)?.names.map(({ name }) => name);
    expect(found('vpc-0a')).toEqual(['a']);
    expect(found('vpc-0b')).toEqual(['b']);
    expect(found()).toBeUndefined();
    expect(found('vpc-0a', 'vpc-0b')).toBeUndefined();
    expect(found('vpc-0c')).toBeUndefined();
  });

  it('joins the queries of a log with VPCs and of one without when the host is the same', () => {
    const table = dnsTableOf({ name: 'a.' }, { name: 'b.', vpc: undefined, time: epoch + 1 });
    expect(table.namesFor(host, address, window, ['vpc-0a'])?.names.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('says that no host asked only when the logs cover the host, its VPC and the time', () => {
    const since = epoch - hour;
    const start = { time: since, addresses: [] };
    const end = { time: window.to, host: '10.0.1.8', addresses: [] };
    const found = (...queries: Partial<DnsQuery>[]) =>
      dnsTableOf(...queries).namesFor(host, address, window, ['vpc-0a']);
    expect(found(start, end)).toEqual({ names: [], more: 0, since });
    expect(found({ ...start, time: since + 1 }, end)).toBeUndefined();
    expect(found(start, { ...end, time: window.to - 1 })).toBeUndefined();
    expect(found({ ...start, host: '10.0.1.8' }, end)).toBeUndefined();
    expect(found({ ...start, vpc: 'vpc-0b' }, { ...end, vpc: 'vpc-0b' })).toBeUndefined();
    expect(found(start, end, { host: '10.0.1.8', time: epoch - 3 * day })).toBeUndefined();
    expect(found(start, end, { time: window.to + 1 })).toBeUndefined();
  });

  it('names nothing when the answer has no address or the name is the root', () => {
    expect(dnsTableOf({ addresses: [] }, { name: '.' }).size).toBe(0);
  });

  it('stores an answer once when it has an address twice, or is delivered twice', () => {
    expect(dnsTableOf({ addresses: [address, address] }, {}).size).toBe(1);
  });

  it('finds the same as a search of all queries, whatever their order', () => {
    const query = fc.record({
      host: fc.constantFrom('10.0.1.5', '10.0.1.6'),
      vpc: fc.constantFrom('vpc-0a', undefined),
      name: fc.constantFrom('a.', 'b.', 'c.', 'd.', 'e.'),
      time: fc.integer({ min: epoch - 2 * day, max: epoch + day }),
      addresses: fc.subarray(['198.51.100.9', '198.51.100.10', '2001:db8::9']),
    });
    fc.assert(
      fc.property(fc.array(query, { maxLength: 40 }), (queries) => {
        const found = dnsTableOf(...queries).namesFor(host, address, window, []);
        const fitting = queries.filter(
          (one) =>
            one.host === host &&
            one.addresses.includes(address) &&
            one.time <= window.to &&
            one.time >= window.from - day,
        );
        const latest = Map.groupBy(fitting, ({ name }) => name.slice(0, -1));
        const expected = [...latest]
          .map(([name, all]) => ({ name, time: Math.max(...all.map(({ time }) => time)) }))
          .sort((a, b) => b.time - a.time || a.name.localeCompare(b.name));
        const own = found?.askedBy === host ? found : { names: [], more: 0 };
        expect(own.names).toEqual(expected.slice(0, 3));
        expect(own.more).toBe(Math.max(0, expected.length - 3));
      }),
    );
  });

  it('throws an error that says what to do when there are too many answers or names', () => {
    const full = (limits: { answers: number; texts: number }) => {
      const table = new DnsTable(limits);
      for (let n = 0; n < 10; n += 1) table.add(queryOf({ name: `n${n}.`, time: epoch + n }));
    };
    expect(() => full({ answers: 5, texts: 100 })).toThrow(
      '--dns has more than 5 answers with an address; give the logs of fewer hours or fewer VPCs',
    );
    expect(() => full({ answers: 100, texts: 5 })).toThrow('--dns has more than 5 distinct names and addresses');
  });
});
