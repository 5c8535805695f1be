import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddressColumns, writeAddressColumns } from '../../../../cli/report/page/address-columns.ts';
import type { ReportedAddresses } from '../../../../cli/report/page/report-data.ts';

const anyAddress = fc.ipV4();
const anyWho = fc.record(
  {
    interface: fc.constantFrom('eni-01', 'eni-02'),
    kind: fc.constant('instance' as const),
    name: fc.string(),
    isShared: fc.boolean(),
  },
  { requiredKeys: ['interface', 'kind', 'isShared'] },
);
const anyRegion = fc.record(
  { country: fc.constantFrom('DE', 'US'), asn: fc.nat(3), asName: fc.string() },
  { requiredKeys: ['country'] },
);
const anyFacts = fc.record(
  { address: anyAddress, who: anyWho, region: anyRegion },
  { requiredKeys: ['address'], noNullPrototype: true },
);

describe('the columns of addresses', () => {
  it('give the same facts for any facts, with and without pairs of the addresses', () => {
    const facts = fc.uniqueArray(anyFacts, { selector: ({ address }) => address });
    fc.assert(
      fc.property(facts, fc.uniqueArray(anyAddress), (addresses, others) => {
        const known: ReportedAddresses = { hasNames: true, regionsTime: 1, addresses, unlisted: 2 };
        const ofPairs = [...others, ...addresses.filter((_, n) => n % 2 === 0).map(({ address }) => address)];
        const columns = writeAddressColumns(known, ofPairs);
        expect(readAddressColumns(JSON.parse(JSON.stringify(columns)), ofPairs)).toEqual(known);
      }),
    );
  });

  it('store equal facts, and an address of a pair, once', () => {
    const region = { country: 'DE' };
    const addresses = ['198.51.100.1', '198.51.100.2'].map((address) => ({ address, region: { ...region } }));
    expect(writeAddressColumns({ hasNames: false, addresses, unlisted: 0 }, ['10.0.0.1', '198.51.100.2'])).toEqual({
      ...{ hasNames: false, unlisted: 0, of: ['198.51.100.1', 1] },
      ...{ interfaces: [], who: [-1, -1], regions: [region], region: [0, 0] },
    });
  });
});
