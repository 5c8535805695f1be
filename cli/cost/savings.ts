import type { Measured, Traffic } from './measured-traffic.ts';
import { assumed, type Bill, billOf, type Usage } from './model.ts';
import { type PriceList, priced } from './price-list.ts';

/** Something that would lower the bill. */
export interface Saving {
  readonly what: string;
  /** What it costs in other ways, or where it does not hold. */
  readonly but: string;
  /** Of a month. */
  readonly usd: number;
}

/** When capacity that is bought ahead pays, for the writes of the table. */
export interface Capacity {
  /** Mean use of provisioned capacity above which it costs less than writes on demand, from 0 to 1. */
  readonly breakEven: number;
  /** Of a month, US dollars. */
  readonly onDemandUsd: number;
  readonly provisionedUsd: number;
  readonly reservedOneYearUsd: number;
  readonly reservedThreeYearsUsd: number;
  /** Write units a second that a large start must be ready for, and what that costs, once; nothing where it is. */
  readonly warmUnits: number;
  readonly warmUsd: number;
}

type Basis = readonly [usage: Usage, traffic: Traffic, machine: Measured['machine'], prices: PriceList];

/** What would lower a bill, the most first: each is the bill of the same month with one thing changed. */
export function savingsOf(...basis: Basis): Saving[] {
  const [usage, traffic, machine, prices] = basis;
  const bill = billOf(...basis);
  const without = (changed: Partial<Usage>, other: Partial<Traffic> = {}) =>
    bill.usd - billOf({ ...usage, ...changed }, { ...traffic, ...other }, machine, prices).usd;
  const { provisionedUsd, onDemandUsd, reservedOneYearUsd } = capacityOf(bill, prices);
  const isOnDemand = usage.provisionedWrites === undefined;
  const writesUsd = isOnDemand ? onDemandUsd : usdOf(bill, 'DynamoDB', 'writes, bought ahead');
  const isShort = bill.load.batchesPerMinute <= 1;
  const all: (Saving | false)[] = [
    isOnDemand && {
      what: 'provisionedWrites, capacity bought ahead with autoscaling',
      but: 'a burst above it waits, and the batch comes again',
      usd: onDemandUsd - provisionedUsd,
    },
    {
      what: 'provisionedWrites, and that reserved for a year',
      but: 'it is paid whether used or not',
      usd: writesUsd - reservedOneYearUsd,
    },
    isShort && {
      what: 'batches of 300 s instead of 60 s, in lib/ingest/delivery-stream.ts',
      but: 'alerts come up to four minutes later',
      usd: without({ bufferSeconds: 300 }),
    },
    !isShort && {
      what: 'batches of 1.5 MiB instead of 1 MiB, in lib/ingest/delivery-stream.ts',
      but: 'long lines may not fit into an answer and go to the error prefix',
      usd: without({ bufferMebibytes: 1.5 }),
    },
    {
      what: 'no rule that counts on pairs',
      but: 'only totals are left of a pair',
      usd: without({}, { pairUnits: traffic.barePairUnits }),
    },
    {
      what: 'an aggregation interval of 600 s, in lib/ingest/flow-log-source.ts',
      but: 'not on Nitro instances, which stay at 60 s; alerts come later',
      usd: without({ recordsPerDay: usage.recordsPerDay * traffic.tenMinuteShare }),
    },
    usage.wayIn === 'flow-logs' && {
      what: "AWS's default format of 14 fields, in lambda/flow-log/deployed-format.ts",
      but: 'no flow-direction and no true ends behind NAT; flows logged at both ends count twice; some rules see nothing',
      usd: without({}, { payloadBytes: traffic.defaultFormatBytes }),
    },
    usage.lakeFormat === 'parquet' && {
      what: 'lakeFormat json instead of parquet',
      but: 'Athena reads whole lines: more for each query',
      usd: without({ lakeFormat: 'json' }),
    },
    usage.lakePartition !== 'date' && {
      what: 'lakePartition date',
      but: 'a query for one account or VPC reads all of them',
      usd: without({ lakePartition: 'date' }),
    },
    (usage.lakeExpireAfterDays === 0 || usage.lakeExpireAfterDays > 90) && {
      what: 'lakeExpireAfterDays 90, and lakeColdAfterDays 0',
      but: 'what is older is gone',
      usd: without({ lakeExpireAfterDays: 90, lakeColdAfterDays: 0 }),
    },
    {
      what: 'a Compute Savings Plan for Lambda',
      but: 'a commitment of a year; 17 % at most',
      usd: 0.17 * usdOf(bill, 'Lambda', 'time'),
    },
  ];
  return all
    .filter((one) => one !== false && one.usd > 0.005 * bill.usd)
    .sort((a, b) => (b as Saving).usd - (a as Saving).usd) as Saving[];
}

/** Compares the ways to pay for a table's writes. Provisioned capacity is taken to be used as autoscaling uses it. */
export function capacityOf(bill: Bill, { prices }: PriceList): Capacity {
  const units = bill.load.writeUnitsPerSecond;
  const hours = 730 * (units / assumed.utilisation);
  const warmUnits = Math.ceil(units * assumed.peak);
  return {
    breakEven: priced(prices.dynamoWriteCapacity, 1) / (3600 * priced(prices.dynamoWriteUnits, 1)),
    onDemandUsd: priced(prices.dynamoWriteUnits, units * 730 * 3600),
    provisionedUsd: priced(prices.dynamoWriteCapacity, hours),
    reservedOneYearUsd: priced(prices.dynamoReservedOneYear, hours),
    reservedThreeYearsUsd: priced(prices.dynamoReservedThreeYears, hours),
    warmUnits,
    warmUsd: priced(prices.dynamoWarmWriteUnits, Math.max(0, warmUnits - assumed.initialWriteUnits)),
  };
}

function usdOf({ lines }: Bill, service: string, item: string): number {
  return lines.find((line) => line.service === service && line.item === item)?.usd ?? 0;
}
