import { describe, expect, it } from 'vitest';
import { costsOf } from '../../../cli/cost/cost-answer.ts';
import { costText } from '../../../cli/cost/cost-text.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const prices = readPriceList();
const volume = { recordsPerDay: [100_000_000] };
const answerOf = (settings: object) => costsOf(volume, settingsShape.parse(settings), prices)[0]!;

const [with_, without] = [answerOf({ geoTable: 's3://some-bucket/geo.bin' }), answerOf({})];

describe('the cost of a geo table', () => {
  it('is the difference between the bills with and without the table', () => {
    expect(with_.geo).toMatchObject({ rules: 3 });
    expect(with_.geo!.usd).toBeCloseTo(with_.bill.usd - without.bill.usd, 9);
  });

  it('is nearly all for the counters of its rules', () => {
    const groupings = ['dst_country,srcaddr', 'dst_aws_region,srcaddr', 'dst_country'];
    const counters = with_.counters.filter(({ groupBy }) => groupings.includes(groupBy));
    expect(counters).toHaveLength(3);
    expect(counters.every(({ isMeasured }) => isMeasured)).toBe(true);
    const usd = counters.reduce((sum, one) => sum + one.usd, 0);
    expect(usd / with_.geo!.usd).toBeGreaterThan(0.9);
    expect(usd).toBeLessThan(with_.geo!.usd);
  });

  it('is one line of the output, and none without a table', () => {
    expect(costText([with_], prices)).toMatch(
      /Regions {4}\$\d+\.\d\d: geoTable, with 3 rules, two metrics and two alarms\./,
    );
    expect(costText([without], prices)).not.toMatch(/geo|Regions/);
    expect(without).not.toHaveProperty('geo');
  });
});
