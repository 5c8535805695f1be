import { describe, expect, it } from 'vitest';
import { costsOf } from '../../../cli/cost/cost-answer.ts';
import { costText } from '../../../cli/cost/cost-text.ts';
import { priceFile, readPriceList } from '../../../cli/cost/price-list.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const prices = readPriceList(priceFile(undefined));

function answerWith(settings: object, mailsPerDay = 30) {
  return costsOf({ recordsPerDay: [100_000_000], mailsPerDay }, settingsShape.parse(settings), prices)[0]!;
}

describe('the cost of context', () => {
  it('adds lines to the bill, and changes no other line', () => {
    const [without, added] = [answerWith({}), answerWith({ context: true })];
    const lines = added.bill.lines.filter(({ item }) => item.startsWith('context: '));
    expect(added.bill.lines.filter((line) => !lines.includes(line))).toEqual(without.bill.lines);
    expect(added.context!.usd).toBeCloseTo(added.bill.usd - without.bill.usd, 9);
    expect(lines.map(({ service, item }) => `${service} ${item}`)).toEqual([
      'Lambda context: requests',
      'Lambda context: time',
      'DynamoDB context: writes',
      'DynamoDB context: reads',
      'CloudWatch context: metrics',
      'CloudWatch context: alarms',
    ]);
  });

  it('is less than two dollars and a half a month with usual events, and grows with alerts', () => {
    expect(answerWith({ context: true }).context!.usd).toBeLessThan(2.5);
    const more = answerWith({ context: true }, 1030).context!.usd - answerWith({ context: true }).context!.usd;
    // A thousand alerts cost less than two cents.
    expect(more / (365 / 12)).toBeLessThan(0.02);
  });

  it('adds the requests of a table and a log group to those of a customer-managed key', () => {
    const requestsOf = (settings: object) =>
      answerWith({ encryption: 'own', ...settings }).bill.lines.find(
        ({ service, item }) => service === 'KMS' && item === 'requests',
      )!.quantity;
    expect(requestsOf({ context: true }) - requestsOf({})).toBeCloseTo(2 * 12 * 730, 6);
  });

  it('is a line of the output, and a word of its settings; nothing without the setting', () => {
    const text = costText([answerWith({ context: true })], prices);
    expect(text).toMatch(
      /^ {2}Context {4}\$\d\.\d\d: context, for 1,000 events and 30 alerts a day, and five alarms \(assumed\)\.$/m,
    );
    expect(text).toContain(', context, ');
    expect(costText([answerWith({})], prices)).not.toContain('context');
  });
});
