import { describe, expect, it } from 'vitest';
import { reportedAddresses } from '../../../cli/report/reported-addresses.ts';
import type { PairCounter } from '../../../cli/statistics/pair-counter.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { readAddresses } from '../../../lambda/names/describe-answers.ts';
import { NameTable } from '../../../lambda/names/name-table.ts';
import { described } from '../../support/describe-answers.ts';
import { epoch } from '../../support/flows.ts';
import { madeUpNames, madeUpRegions, regionsTime } from './report-fixtures.ts';

function pair(src: string, dst: string, vpc?: string): PairCounter {
  const scope = vpc === undefined ? undefined : { 'account-id': '123456789012', 'vpc-id': vpc };
  return { src, dst, ...(scope && { scope }), bytes: 1, rejects: 0, firstSeen: epoch, lastSeen: epoch };
}

function alertOn(key: Record<string, string>): AlertBody {
  return { key, evidence: { flows: 1, more: [] }, evidences: [] } as unknown as AlertBody;
}

describe('reportedAddresses', () => {
  it('has the facts about each address of pairs and alerts once, and of no other address', () => {
    const pairs = [pair('10.0.1.5', '198.51.100.1'), pair('10.0.1.5', '203.0.113.9'), pair('10.0.9.9', '198.51.100.1')];
    const known = reportedAddresses(pairs, [alertOn({ srcaddr: '10.0.2.2' })], {
      names: madeUpNames(),
      regions: madeUpRegions(),
    });
    expect(known).toEqual({
      ...{ hasNames: true, namesTime: epoch, regionsTime, unlisted: 0 },
      addresses: [
        {
          address: '10.0.2.2',
          who: { interface: 'eni-03', kind: 'instance', id: 'i-03', since: 1_793_491_200, isShared: false },
        },
        {
          address: '10.0.1.5',
          who: {
            ...{ interface: 'eni-01', kind: 'instance', id: 'i-01', name: 'orders-db', owner: 'payments' },
            ...{ since: 1_793_491_200, isShared: false },
          },
        },
        {
          address: '198.51.100.1',
          region: { country: 'DE', asn: 64_496, asName: 'MADE-UP-HOSTING Example Hosting GmbH' },
        },
      ],
    });
  });

  it('is undefined without a source', () => {
    expect(reportedAddresses([pair('10.0.1.5', '198.51.100.1')], [], {})).toBeUndefined();
  });

  it('says which sources there are', () => {
    expect(reportedAddresses([], [], { names: madeUpNames() })).toEqual({
      ...{ hasNames: true, namesTime: epoch, addresses: [], unlisted: 0 },
    });
    expect(reportedAddresses([], [], { regions: madeUpRegions() })).toEqual({
      ...{ hasNames: false, regionsTime, addresses: [], unlisted: 0 },
    });
  });

  it('bounds hostile tag values', () => {
    const names = madeUpNames(`\u202e<img src=x>\n${'long'.repeat(500)}`);
    const [facts] = reportedAddresses([pair('10.0.1.5', '10.0.9.9')], [], { names })!.addresses;
    expect(facts!.who!.name).toMatch(/^\?<img src=x> long.*\.\.\.$/);
    expect(facts!.who!.name).toHaveLength(64);
  });

  it('counts the addresses that do not fit, the least busy ones', () => {
    const pairs = Array.from({ length: 60 }, (_, n) => pair('10.0.9.9', `198.51.100.${n}`));
    const known = reportedAddresses(pairs, [], { regions: madeUpRegions() }, 500)!;
    expect(known.addresses.length).toBeGreaterThan(5);
    expect(known.addresses.length).toBeLessThan(40);
    expect(known.addresses.map(({ address }) => address)).toEqual(
      pairs.slice(0, known.addresses.length).map(({ dst }) => dst),
    );
    expect(known.unlisted).toBe(60 - known.addresses.length);
  });

  it('names an address in several VPCs only when the scope of its pairs decides', () => {
    const of = (id: string, vpc: string) => described({ NetworkInterfaceId: id, VpcId: vpc });
    const answer = { NetworkInterfaces: [of('eni-0a', 'vpc-0a'), of('eni-0b', 'vpc-0b')] };
    const names = new NameTable(readAddresses(answer, new Map(), epoch));
    const named = (...pairs: PairCounter[]) =>
      reportedAddresses(pairs, [], { names })!.addresses.map(({ who }) => who!.interface);
    expect(named(pair('10.0.1.5', '10.0.9.9'))).toEqual([]);
    expect(named(pair('10.0.1.5', '10.0.9.9', 'vpc-0b'))).toEqual(['eni-0b']);
    expect(named(pair('10.0.1.5', '10.0.9.9', 'vpc-0a'), pair('10.0.1.5', '10.0.9.9', 'vpc-0b'))).toEqual([]);
  });
});
