import { describe, expect, it } from 'vitest';
import { billOf } from '../../../cli/cost/bill.ts';
import { alternativesOf } from '../../../cli/cost/comparison.ts';
import { meanTraffic, readMeasured, type Traffic } from '../../../cli/cost/measured-traffic.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { type Usage, usageOf } from '../../../cli/cost/usage.ts';
import type { Rule } from '../../../lambda/rules/model.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';
import { run } from '../../support/run-program.ts';

const { styles, machine } = readMeasured();
const prices = readPriceList();
/** Lines of 100 bytes in the default format and of 200 in the deployed one, in JSON, and of 20 compressed. */
const traffic: Traffic = {
  ...meanTraffic(Object.values(styles)),
  defaultFormatBytes: 114,
  payloadBytes: 214,
  subscriptionBytes: 20,
};
/** A volume with 10^9 records in a month of 730 hours. */
const recordsPerDay = (1e9 * 24) / 730;

function alternatives(more: Partial<Usage> = {}, timespans: readonly number[] = []) {
  const usage = { ...usageOf(settingsShape.parse({})), recordsPerDay, ...more };
  const rules = timespans.map((timespanSeconds) => ({ timespanSeconds }) as Rule);
  return alternativesOf(usage, traffic, billOf(usage, traffic, machine, prices), { rules }, prices);
}

describe('alternativesOf', () => {
  it('bills the lines of the default format in the tiers of GuardDuty', () => {
    const [guardDuty] = alternatives();
    // 93.1 GB cost $1 each.
    expect(guardDuty!.usd).toBeCloseTo(1e11 / 2 ** 30, 6);
    const [large] = alternatives({ recordsPerDay: recordsPerDay * 1000 });
    const gigabytes = 1e14 / 2 ** 30;
    expect(large!.usd).toBeCloseTo(500 + 2000 * 0.5 + 7500 * 0.25 + (gigabytes - 10_000) * 0.15, 3);
  });

  it('bills Athena for delivery, storage, and a query every 15 minutes that reads the timespan and 15 minutes', () => {
    const [, athena] = alternatives({ recordsPerDay: recordsPerDay * 1000 }, [3600]);
    const delivered = 2e14 / 2 ** 30;
    const queries = 730 * 4;
    const bytes = queries * (((recordsPerDay * 1000 * 20) / 86_400) * 4500);
    const of = (item: string) => athena!.lines.find((line) => line.item === item)!;
    expect(of('delivery to S3').usd).toBeCloseTo(
      10_240 * 0.25 + 20_480 * 0.15 + 20_480 * 0.075 + (delivered - 51_200) * 0.05,
      2,
    );
    expect(of('queries').usd).toBeCloseTo((bytes / 2 ** 40) * 5, 6);
    expect(of('standard storage').usd).toBeGreaterThan(0);
  });

  it('bills a query of few records for 10 MB, and runs it four times in a long timespan', () => {
    const [, athena] = alternatives({ recordsPerDay: 1000 }, [86_400]);
    const queries = (730 / 6) * 10 * 2 ** 20;
    expect(athena!.lines.find(({ item }) => item === 'queries')!.quantity).toBeCloseTo(queries / 2 ** 40, 9);
  });

  it('bills Contributor Insights for ingestion, two rules and each record', () => {
    const [, , insights] = alternatives();
    expect(insights!.usd).toBeCloseTo((2e11 / 2 ** 30) * 0.5 + 2 * 0.5 + 1000 * 0.02, 6);
  });

  it('bills no ingestion when the records are in a log group', () => {
    const [, , insights] = alternatives({ wayIn: 'log-group' });
    expect(insights!.lines.map(({ item }) => item)).toEqual(['rules', 'matched log events']);
  });

  it('says how large a record is in each service', () => {
    expect(alternatives().map(({ bytesPerRecord }) => bytesPerRecord)).toEqual([100, 200, 200]);
  });

  it('is verified only when the price of each line is', () => {
    for (const { lines, verified } of alternatives()) expect(verified).toBe(lines.every((line) => line.verified));
    expect(alternatives().map(({ verified }) => verified)).toEqual([true, false, false]);
  });
});

describe('cost', () => {
  it('prints the other services beside the bill, with a star when a price is not verified', async () => {
    const { stdout } = await run('cost', '--records-per-day', '100M', '10G');
    expect(stdout).toMatch(/GuardDuty, analysis of flow logs +\$314\.53 +\$6,593\n/);
    expect(stdout).toContain(
      "Bytes of a record: 111 for GuardDuty (assumed: AWS's default format), 232 for the others",
    );
    expect(stdout).toMatch(/Athena on a schedule \* +\$\d/);
    expect(stdout).toMatch(/CloudWatch Contributor Insights \* +\$\d/);
  });

  it('has the lines of the other services when given --json', async () => {
    const { answers } = JSON.parse((await run('cost', '--records-per-day', '100M', '--json')).stdout);
    const [guardDuty] = answers[0].alternatives;
    expect(guardDuty).toMatchObject({ usd: expect.closeTo(314.53, 2), verified: true });
    expect(guardDuty.lines).toEqual([expect.objectContaining({ unit: 'GB', quantity: expect.closeTo(314.53, 2) })]);
  });
});
