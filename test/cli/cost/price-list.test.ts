import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultPriceFile, priced, readPriceList } from '../../../cli/cost/price-list.ts';

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

  it('reads the shipped list, in which each price has a source', () => {
    const { region, prices } = readPriceList();
    expect(region).toBe('us-east-1');
    for (const { source } of Object.values(prices)) expect(source).not.toBe('');
  });

  it('throws with every price that is missing or invalid', () => {
    const list = JSON.parse(readFileSync(defaultPriceFile, 'utf8'));
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
