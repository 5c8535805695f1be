import { describe, expect, it } from 'vitest';
import { knownAddresses } from '../../../../cli/report/page/known-addresses.ts';
import type { ReportedAddresses } from '../../../../cli/report/page/report-data.ts';
import { textQuery } from '../../../../cli/report/page/text-query.ts';
import { epoch } from '../../../support/flows.ts';

const instance = { interface: 'eni-01', kind: 'instance', isShared: false } as const;
const known: ReportedAddresses = {
  ...{ hasNames: true, namesTime: epoch, regionsTime: epoch, unlisted: 0 },
  addresses: [
    { address: '10.0.0.1', who: { ...instance, id: 'i-01', name: 'Orders-DB', owner: 'payments' } },
    { address: '10.0.0.2', who: { ...instance, id: 'i-02', since: epoch + 60 } },
    { address: '10.0.0.3', who: { ...instance, name: 'node-1', isShared: true } },
    { address: '198.51.100.1', region: { country: 'DE', asn: 64_496, asName: 'MADE-UP Hosting' } },
    { address: '198.51.100.2', region: { country: 'US', asn: 644_961, asName: 'de facto' } },
    { address: '198.51.100.3', region: { country: 'US', asn: 64_511, awsRegion: 'eu-west-1', awsService: 'S3' } },
    { address: '198.51.100.4', region: { country: 'SE', asName: 'x'.repeat(64), asn: 1 } },
  ],
};
const page = knownAddresses({ known, period: { from: epoch, to: epoch + 3600 } });

function found(text: string): string[] {
  return known.addresses.map(({ address }) => address).filter(page.finder(textQuery(text)));
}

describe('knownAddresses', () => {
  it.each([
    ['orders-db', ['10.0.0.1']],
    ['PAYMENTS', ['10.0.0.1']],
    ['i-02', ['10.0.0.2']],
    ['eni-01', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['made-up hosting', ['198.51.100.1']],
    ['country:DE', ['198.51.100.1']],
    ['country:us', ['198.51.100.2', '198.51.100.3']],
    ['AS64496', ['198.51.100.1']],
    ['as6449', []],
    ['AWS eu-west-1', ['198.51.100.3']],
    ['10.0.0.1', []],
    ['10.0.0.0/8', []],
    ['', []],
  ])('finds the addresses of which %j is known', (text, expected) => expect(found(text)).toEqual(expected));

  it.each([
    ['10.0.0.1', 'Orders-DB'],
    ['10.0.0.2', 'i-02 (only since 2026-11-24 09:01:00)'],
    ['10.0.0.3', undefined],
    ['10.0.0.4', undefined],
    ['198.51.100.1', 'DE AS64496 MADE-UP Hosting'],
    ['198.51.100.3', 'US AWS eu-west-1 S3'],
    ['198.51.100.4', `SE AS1 ${'x'.repeat(26)}...`],
  ])('has a short text about %s', (address, expected) => expect(page.shortText(address)).toBe(expected));

  it('has the sentences of e-mails about an address', () => {
    expect(page.sentencesOf('10.0.0.1')).toEqual([
      '10.0.0.1 is instance Orders-DB (i-01), owner payments. As of 2026-11-24 09:00:00 UTC.',
    ]);
    expect(page.sentencesOf('10.0.0.3')).toEqual([
      '10.0.0.3 is an address that pods share on instance node-1. As of 2026-11-24 09:00:00 UTC.',
    ]);
    expect(page.sentencesOf('198.51.100.3')).toEqual([
      '198.51.100.3 US (registry), AS64511, AWS eu-west-1 S3. Data of 2026-11-24.',
    ]);
    expect(page.sentencesOf('10.0.0.4')).toEqual([]);
  });

  it('knows nothing without sources', () => {
    const nothing = knownAddresses({ period: undefined });
    expect(nothing).toMatchObject({ hasNames: false, hasRegions: false, unlisted: 0 });
    expect(nothing.shortText('10.0.0.1')).toBeUndefined();
    expect(nothing.sentencesOf('10.0.0.1')).toEqual([]);
  });
});
