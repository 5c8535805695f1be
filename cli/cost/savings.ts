import { assumed } from './assumptions.ts';
import { type Bill, type BillBasis, billOf, unitsPerMonth, utilisationOf } from './bill.ts';
import type { Traffic } from './measured-traffic.ts';
import { type PriceList, priced } from './price-list.ts';
import { hoursPerMonth } from './units.ts';
import type { Usage } from './usage.ts';

/** A change that would lower the bill. */
export interface Saving {
  readonly what: string;
  /** The drawback, or where the saving does not apply. */
  readonly but: string;
  /** US dollars a month. */
  readonly usd: number;
}

/** The ways to pay for the writes of the table, in US dollars a month. */
export interface Capacity {
  /** The mean use of provisioned capacity, from 0 to 1, above which it costs less than on demand. */
  readonly breakEven: number;
  readonly onDemandUsd: number;
  readonly provisionedUsd: number;
  readonly reservedOneYearUsd: number;
  readonly reservedThreeYearsUsd: number;
  /** Write units a second at peak, and the one-time price to warm a new table for them; 0 if a new table takes them. */
  readonly warmUnits: number;
  readonly warmUsd: number;
}

/** Returns the changes that lower a bill, the largest saving first: each is the bill of the month with one change. */
export function savingsOf(...basis: BillBasis): Saving[] {
  const [usage, traffic, machine, prices] = basis;
  const bill = billOf(...basis);
  const saved = (changes: Partial<Usage>, trafficChanges: Partial<Traffic> = {}) =>
    bill.usd - billOf({ ...usage, ...changes }, { ...traffic, ...trafficChanges }, machine, prices).usd;
  const { provisionedUsd, onDemandUsd, reservedOneYearUsd } = capacityOf(usage, bill, prices);
  const isOnDemand = usage.provisionedWrites === undefined;
  const writesUsd = isOnDemand ? onDemandUsd : usdOf(bill, 'DynamoDB', 'provisioned writes');
  const hasOneBatchAMinute = bill.load.batchesPerMinute <= 1;
  const savings: (Saving | false)[] = [
    isOnDemand && {
      what: 'provisionedWrites: provisioned capacity with autoscaling',
      but: 'bursts above it are throttled, and their batches retried',
      usd: onDemandUsd - provisionedUsd,
    },
    {
      what: 'provisionedWrites, with capacity reserved for one year',
      but: 'paid for whether it is used or not',
      usd: writesUsd - reservedOneYearUsd,
    },
    usage.bufferIntervalSeconds === 60 && {
      what: 'bufferIntervalSeconds 300 instead of 60',
      but: 'alerts come up to four minutes later',
      usd: saved({ bufferIntervalSeconds: 300 }),
    },
    !hasOneBatchAMinute && {
      what: 'batches of 1.5 MiB instead of 1 MiB, in lib/ingest/delivery-stream.ts',
      but: 'long lines may not fit into a response, and then go to the error prefix',
      usd: saved({ bufferMebibytes: 1.5 }),
    },
    {
      what: 'no rule that counts by pairs',
      but: 'a pair then has totals only',
      usd: saved({}, { pairUnits: traffic.barePairUnits }),
    },
    {
      what: 'an aggregation interval of 600 s, in lib/ingest/flow-log-source.ts',
      but: 'no effect on Nitro instances, which always use 60 s; alerts come later',
      usd: saved({ recordsPerDay: usage.recordsPerDay * traffic.tenMinuteShare }),
    },
    usage.wayIn === 'flow-logs' && {
      what: "AWS's default format of 14 fields, in lambda/flow-log/deployed-format.ts",
      but: 'no flow-direction and no packet addresses behind NAT; flows that two interfaces log count twice; some rules never match',
      usd: saved({}, { payloadBytes: traffic.defaultFormatBytes }),
    },
    usage.lakeFormat === 'parquet' && {
      what: 'lakeFormat json instead of parquet',
      but: 'Athena reads whole lines: for one host, 1.8 times the bytes',
      usd: saved({ lakeFormat: 'json' }),
    },
    usage.lakePartition !== 'date' && {
      what: 'lakePartition date',
      but: 'a query for one account or VPC scans all of them',
      usd: saved({ lakePartition: 'date' }),
    },
    (usage.lakeExpireAfterDays === 0 || usage.lakeExpireAfterDays > 90) && {
      what: 'lakeExpireAfterDays 90, and lakeColdAfterDays 0',
      but: 'older records are deleted',
      usd: saved({ lakeExpireAfterDays: 90, lakeColdAfterDays: 0 }),
    },
    {
      what: 'a Compute Savings Plan for Lambda',
      but: 'a commitment for one year; saves at most 17 %',
      usd: 0.17 * usdOf(bill, 'Lambda', 'time'),
    },
  ];
  return savings
    .filter((saving) => saving !== false)
    .filter(({ usd }) => usd > 0.005 * bill.usd)
    .sort((a, b) => b.usd - a.usd);
}

/** Compares the ways to pay for a table's writes, with provisioned capacity at the use that autoscaling targets. */
export function capacityOf(usage: Usage, bill: Bill, { prices }: PriceList): Capacity {
  const units = bill.load.writeUnitsPerSecond;
  const hours = hoursPerMonth * (units / utilisationOf(usage));
  const warmUnits = Math.ceil(units * assumed.peak);
  return {
    breakEven: priced(prices.dynamoWriteCapacity, 1) / (3600 * priced(prices.dynamoWriteUnits, 1)),
    onDemandUsd: priced(prices.dynamoWriteUnits, unitsPerMonth(units)),
    provisionedUsd: priced(prices.dynamoWriteCapacity, hours),
    reservedOneYearUsd: priced(prices.dynamoReservedOneYear, hours),
    reservedThreeYearsUsd: priced(prices.dynamoReservedThreeYears, hours),
    warmUnits,
    warmUsd: priced(prices.dynamoWarmWriteUnits, Math.max(0, warmUnits - assumed.initialWriteUnits)),
  };
}

/** Returns the month's bill if the writes of the counters' table cost `writesUsd`. */
export function monthWith({ lines }: Bill, writesUsd: number): number {
  const isWrites = ({ service, item }: Bill['lines'][number]) =>
    service === 'DynamoDB' && ['writes', 'provisioned writes'].includes(item);
  return lines.reduce((sum, line) => sum + (isWrites(line) ? 0 : line.usd), writesUsd);
}

function usdOf({ lines }: Bill, service: string, item: string): number {
  return lines.find((line) => line.service === service && line.item === item)?.usd ?? 0;
}
