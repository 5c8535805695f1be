import { describe, expect, it } from 'vitest';
import { costsOf } from '../../../cli/cost/cost-answer.ts';
import { costText } from '../../../cli/cost/cost-text.ts';
import { priceFile, readPriceList } from '../../../cli/cost/price-list.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const prices = readPriceList(priceFile(undefined));

function answerWith(settings: object, mailsPerDay = 30) {
  return costsOf({ recordsPerDay: [100_000_000], mailsPerDay }, settingsShape.parse(settings), prices)[0]!;
}

describe('the cost of names', () => {
  it('adds lines to the bill, and changes no other line', () => {
    const [without, named] = [answerWith({}), answerWith({ names: true })];
    const added = named.bill.lines.filter(({ item }) => item.startsWith('names: '));
    expect(named.bill.lines.filter((line) => !added.includes(line))).toEqual(without.bill.lines);
    expect(named.names!.usd).toBeCloseTo(named.bill.usd - without.bill.usd, 9);
    const month = (30 * 365) / 12;
    expect(added.map(({ service, item, quantity }) => [service, item, quantity / month])).toEqual([
      ['Lambda', 'names: requests', 1],
      ['Lambda', 'names: time', 1],
      ['DynamoDB', 'names: writes', 15],
      ['DynamoDB', 'names: reads', 3],
    ]);
  });

  it('is cents a month with usual alerts, and grows with them', () => {
    expect(answerWith({ names: true }).names!.usd).toBeLessThan(0.05);
    expect(answerWith({ names: true }, 3000).names!.usd).toBeCloseTo(100 * answerWith({ names: true }).names!.usd, 9);
  });

  it('adds the requests of a table and a log group to those of a customer-managed key', () => {
    const requestsOf = (settings: object) =>
      answerWith({ encryption: 'own', ...settings }).bill.lines.find(
        ({ service, item }) => service === 'KMS' && item === 'requests',
      )!.quantity;
    expect(requestsOf({ names: true }) - requestsOf({})).toBeCloseTo(2 * 12 * 730, 6);
  });

  it('is a line of the output, and a word of its settings', () => {
    const text = costText([answerWith({ names: true })], prices);
    expect(text).toMatch(
      /^ {2}Names {6}\$0\.0\d: names, for 30 alerts a day with 3 names each, all looked up \(assumed\)\.$/m,
    );
    expect(text).toContain(', names, ');
  });

  it('is nothing when the setting is off', () => {
    const answer = answerWith({});
    expect(answer).not.toHaveProperty('names');
    expect(answer.usage).not.toHaveProperty('names');
    expect(costText([answer], prices)).not.toContain('names');
  });
});
