import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/assumptions.ts';
import { costsOf } from '../../../cli/cost/cost-answer.ts';
import { costText } from '../../../cli/cost/cost-text.ts';
import { priceFile, readPriceList } from '../../../cli/cost/price-list.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const prices = readPriceList(priceFile(undefined));
const recordsPerDay = [100_000_000];
const tagFields = { instance: ['Name', 'team'], interface: ['Name'] };
const logged = { vpcIds: ['vpc-0123456789abcdef0'], monitoredNetworks: ['10.0.0.0/16'] };

function answerWith(settings: object, options: Partial<Parameters<typeof costsOf>[0]> = {}) {
  return costsOf({ recordsPerDay, ...options }, settingsShape.parse({ ...logged, ...settings }), prices)[0]!;
}

describe('the cost of tag fields', () => {
  it('is the difference of the two bills, and delivery is most of it', () => {
    const [without, tagged] = [answerWith({}), answerWith({ tagFields })];
    expect(tagged.tags).toMatchObject({ fields: 3, bytesPerRecord: 3 * assumed.tagFieldBytes });
    expect(tagged.tags!.usd).toBeCloseTo(tagged.bill.usd - without.bill.usd, 9);
    const usdOf = ({ bill }: typeof tagged, item: string) => bill.lines.find((line) => line.item === item)!.usd;
    const delivered = ['delivery to Firehose', 'ingestion'].map((item) => usdOf(tagged, item) - usdOf(without, item));
    expect(delivered[0]! + delivered[1]!).toBeGreaterThan(0.8 * tagged.tags!.usd);
    // 36 bytes of 100 M records in 365 / 12 days are 102 GB, for $0.25 and $0.13 a GB.
    expect(delivered[0]! + delivered[1]!).toBeCloseTo(((36 * 1e8 * 365) / 12 / 2 ** 30) * 0.38, 5);
  });

  it('is a line of the output, and a word of its settings', () => {
    const text = costText([answerWith({ tagFields })], prices);
    expect(text).toMatch(/^ {2}Tags {7}\$\d+\.\d\d: tagFields, 3 fields with 36 bytes of a record \(assumed\)\.$/m);
    expect(text).toContain('tagFields with 3 fields, ');
  });

  it('is nothing when the setting is off, or the records come from a log group', () => {
    for (const answer of [answerWith({}), answerWith({ tagFields }, { wayIn: 'log-group' })]) {
      expect(answer).not.toHaveProperty('tags');
      expect(answer.usage).not.toHaveProperty('tagFields');
      expect(costText([answer], prices)).not.toMatch(/tags/i);
    }
  });
});
