import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { priced, pricedRegions, priceFile, readPriceList } from '../../../cli/cost/price-list.ts';

const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('priced', () => {
  const price = { tiers: [{ upTo: 10, usd: 3 }, { upTo: 30, usd: 2 }, { usd: 1 }] };

  it.each([
    [0, 0],
    [10, 30],
    [11, 32],
    [30, 70],
    [100, 140],
  ])('prices %d units in their tiers as %d', (units, usd) => {
    expect(priced(price, units)).toBe(usd);
  });

  it('grows with the units', () => {
    const units = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(units, units, (fewer, added) => {
        expect(priced(price, fewer + added)).toBeGreaterThanOrEqual(priced(price, fewer));
      }),
    );
  });
});

describe('readPriceList', () => {
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };

  it('reads the list of us-east-1 when no file is given', () => {
    expect(readPriceList().region).toBe('us-east-1');
  });

  it.each(pricedRegions())('reads the list of %s, in which each price has a source and its date', (region) => {
    const list = readPriceList(priceFile(region));
    expect(list.region).toBe(region);
    for (const [name, { source, date }] of Object.entries(list.prices)) {
      expect(source, name).toMatch(
        /^(aws\.amazon\.com\/|AWS price list, offer |derived: |the us-east-1 price; |\d+ % below dynamoWriteCapacity, )/,
      );
      expect(date <= list.written, `${name}: ${date}`).toBe(true);
    }
  });

  it.each(pricedRegions())('verifies no price of %s that is derived or of another region', (region) => {
    for (const [name, { source, verified }] of Object.entries(readPriceList(priceFile(region)).prices)) {
      if (/^(derived|the us-east-1 price)/.test(source)) expect(verified, name).toBe(false);
    }
  });

  it('has the us-east-1 price where the list of Frankfurt says so', () => {
    const { prices } = readPriceList(priceFile('eu-central-1'));
    const usEast = readPriceList(priceFile('us-east-1')).prices;
    for (const [name, { source, tiers }] of Object.entries(prices)) {
      if (source.startsWith('the us-east-1 price'))
        expect(tiers, name).toEqual(usEast[name as keyof typeof usEast].tiers);
    }
  });

  it('lists the known regions when a region has no list', () => {
    expect(() => priceFile('eu-west-9')).toThrow(
      '--region is invalid: got "eu-west-9", expected eu-central-1 or us-east-1; for another region, copy cli/cost/prices-us-east-1.json, change its prices, and pass the copy with --prices',
    );
  });

  it('throws when a price has no date', () => {
    const list = JSON.parse(readFileSync(priceFile(), 'utf8'));
    delete list.prices.kmsKeys.date;
    expect(() => readPriceList(write('undated.json', JSON.stringify(list)))).toThrow('prices.kmsKeys.date');
  });

  it('throws with every price that is missing or invalid', () => {
    const list = JSON.parse(readFileSync(priceFile(), 'utf8'));
    delete list.prices.kmsKeys;
    list.prices.snsMails.tiers = [{ usd: -1 }];
    list.prices.s3Standard.tiers = [{ upTo: 5, usd: 1 }, { upTo: 3, usd: 1 }, { usd: 1 }];
    const file = write('wrong.json', JSON.stringify(list));
    expect(() => readPriceList(file)).toThrow(/wrong\.json.*kmsKeys.*snsMails|wrong\.json.*s3Standard/);
  });

  it('throws when the file is not JSON', () => {
    expect(() => readPriceList(write('none.json', '{'))).toThrow('it is not JSON');
  });
});
