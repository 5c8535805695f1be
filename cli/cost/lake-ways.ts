import { assumed } from './assumptions.ts';
import { firehoseStepGigabytes, vendedLogGigabytes } from './bill.ts';
import type { Traffic } from './measured-traffic.ts';
import { type PriceList, type PriceName, priced } from './price-list.ts';
import { daysPerMonth, gigabyte } from './units.ts';
import type { Usage } from './usage.ts';

/** A way to make the lake, beyond the delivery of the records and their ingestion. */
export interface LakeWay {
  readonly name: string;
  /** US dollars a month to make the objects; negative if the way saves more than it costs. */
  readonly makeUsd: number;
  /** US dollars of a question in Athena: all flows of one host on one day. */
  readonly questionUsd: number;
  readonly verified: boolean;
}

/** Athena bills a query for at least 10 MB (Athena pricing). */
const minQueryBytes = 10 * 2 ** 20;
const terabyte = 1024 * gigabyte;
/** Days that the JSON objects stay after they were compacted. */
const uncompactedDays = 7;

/** Computes the ways to make the lake, for flow logs that come directly to the stream. */
export function lakeWaysOf(usage: Usage, traffic: Traffic, { prices }: PriceList): LakeWay[] {
  const recordsPerMonth = usage.recordsPerDay * daysPerMonth;
  const decoded = (recordsPerMonth * traffic.decodedBytes) / gigabyte;
  const storedPerDay = usage.recordsPerDay * traffic.storedBytes;
  const usd = (name: PriceName, quantity: number) => priced(prices[name], quantity);
  const read = (bytes: number) => usd('athenaScanned', Math.max(minQueryBytes, bytes) / terabyte);
  const jsonQuestion = read(storedPerDay);
  const parquetQuestion = read(storedPerDay * assumed.parquetShare * assumed.hostColumnShare);
  const way = (name: string, makeUsd: number, questionUsd: number, ...used: PriceName[]): LakeWay => ({
    name,
    makeUsd,
    questionUsd,
    verified: used.every((price) => prices[price].verified),
  });
  const compaction = read(storedPerDay) * daysPerMonth + usd('s3Standard', (uncompactedDays * storedPerDay) / gigabyte);
  const iceberg = usd('firehoseIceberg', decoded) - usd('firehoseVendedLogs', vendedLogGigabytes(usage, traffic));
  return [
    way(
      'Parquet by Firehose',
      usd('firehoseFormatConversion', firehoseStepGigabytes(usage, traffic)),
      parquetQuestion,
      'firehoseFormatConversion',
    ),
    way('JSON with gzip', 0, jsonQuestion),
    way(
      'Parquet, many flows in a record',
      usd('firehoseFormatConversion', decoded),
      parquetQuestion,
      'firehoseFormatConversion',
    ),
    way('JSON, and Parquet by Athena each day', compaction, parquetQuestion),
    way('Iceberg by Firehose', iceberg, parquetQuestion, 'firehoseIceberg', 'firehoseVendedLogs'),
  ];
}

/** Returns the questions a month from which a way costs less than another one; undefined if no number of them does. */
export function questionsToPay(way: LakeWay, other: LakeWay): number | undefined {
  const saved = other.questionUsd - way.questionUsd;
  return saved <= 0 ? undefined : Math.max(0, (way.makeUsd - other.makeUsd) / saved);
}
