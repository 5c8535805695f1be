import { assumed } from './assumptions.ts';
import { contextUses } from './context-costs.ts';
import type { Measured, Traffic } from './measured-traffic.ts';
import { type Load, loadOf } from './model.ts';
import { nameUses } from './name-costs.ts';
import { type PriceList, type PriceName, priced } from './price-list.ts';
import { daysPerMonth, gigabyte, hoursPerMonth, minutesPerDay } from './units.ts';
import type { Usage } from './usage.ts';

/** A line of the bill of a month. */
export interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
  /** The price was read a second time when the list was written. */
  readonly verified: boolean;
}

/** The bill of a month of 730 hours. */
export interface Bill {
  readonly load: Load;
  readonly lines: readonly BillLine[];
  readonly usd: number;
}

/** All that a bill depends on. */
export type BillBasis = readonly [usage: Usage, traffic: Traffic, machine: Measured['machine'], priceList: PriceList];

/** Firehose bills a record by begun steps of 5 KB. */
const stepBytes = 5 * 1024;

/** Computes the bill of a month: with a full lake, or with a year of records if the lake keeps all of them. */
export function billOf(...[usage, traffic, machine, { prices }]: BillBasis): Bill {
  const load = loadOf(usage, traffic, machine);
  const line = (service: string, item: string, name: PriceName, quantity: number): BillLine => {
    const { unit, verified } = prices[name];
    return { service, item, quantity, unit, usd: priced(prices[name], quantity), verified };
  };
  const objects = lakeObjects(load);
  const { standardDays, coldDays } = lakeDaysByClass(usage, load);
  const { provisionedWrites } = usage;
  const ofFeatures = (service: string) =>
    [...nameUses(usage), ...contextUses(usage)].flatMap((use) => (use[0] === service ? [line(...use)] : []));
  const lines = [
    ...(usage.wayIn === 'flow-logs'
      ? [
          line('VPC Flow Logs', 'delivery to Firehose', 'vendedLogsToFirehose', vendedLogGigabytes(usage, traffic)),
          line('Firehose', 'ingestion', 'firehoseVendedLogs', vendedLogGigabytes(usage, traffic)),
        ]
      : [line('Firehose', 'ingestion', 'firehosePut', firehoseStepGigabytes(usage, traffic))]),
    ...(usage.lakeFormat === 'parquet'
      ? [line('Firehose', 'conversion to Parquet', 'firehoseFormatConversion', firehoseStepGigabytes(usage, traffic))]
      : []),
    ...(usage.lakePartition === 'date'
      ? []
      : [
          line('Firehose', 'dynamic partitioning', 'firehoseDynamicPartitioning', partitionedGigabytes(usage, traffic)),
          line('Firehose', 'objects of partitions', 'firehosePartitionedObjects', objects),
        ]),
    line('Lambda', 'requests', 'lambdaRequests', lambdaRequests(load)),
    line('Lambda', 'time', 'lambdaGigabyteSeconds', lambdaGigabyteSeconds(load)),
    ...ofFeatures('Lambda'),
    ...(provisionedWrites
      ? [
          line('DynamoDB', 'provisioned writes', 'dynamoWriteCapacity', writeUnitHours(usage, provisionedWrites, load)),
          line('DynamoDB', 'provisioned reads', 'dynamoReadCapacity', readUnitHours(usage, provisionedWrites, load)),
        ]
      : [
          line('DynamoDB', 'writes', 'dynamoWriteUnits', unitsPerMonth(load.writeUnitsPerSecond)),
          line('DynamoDB', 'reads', 'dynamoReadUnits', unitsPerMonth(load.readUnitsPerSecond)),
        ]),
    line('DynamoDB', 'storage', 'dynamoStorage', load.tableGigabytes),
    line('DynamoDB', 'point-in-time recovery', 'dynamoRecovery', load.tableGigabytes),
    ...(load.journal === undefined
      ? []
      : [
          line('DynamoDB', 'journal writes', 'dynamoWriteUnits', unitsPerMonth(load.journal.writeUnitsPerSecond)),
          line('DynamoDB', 'journal reads', 'dynamoReadUnits', unitsPerMonth(load.journal.readUnitsPerSecond)),
          line('DynamoDB', 'journal storage', 'dynamoStorage', load.journal.gigabytes),
        ]),
    ...ofFeatures('DynamoDB'),
    line('S3', 'standard storage', 's3Standard', load.storedGigabytesPerDay * standardDays),
    line('S3', 'cold storage', 's3GlacierInstantRetrieval', load.storedGigabytesPerDay * coldDays),
    line('S3', 'requests', 's3Puts', objects),
    line('S3', 'transitions', 's3Transitions', coldDays > 0 ? objects : 0),
    line('SNS', 'publishes', 'snsPublishes', alertEmails(usage)),
    line('SNS', 'e-mails', 'snsMails', alertEmails(usage)),
    line('CloudWatch', 'logs', 'cloudWatchLogs', logGigabytes(load, machine)),
    line('CloudWatch', 'metrics', 'cloudWatchMetrics', billedMetrics(usage)),
    line('CloudWatch', 'alarms', 'cloudWatchAlarms', assumed.alarmMetrics + geoMetrics(usage)),
    line('CloudWatch', 'dashboard', 'cloudWatchDashboards', assumed.dashboards),
    ...ofFeatures('CloudWatch'),
    ...(usage.encryption === 'aws'
      ? []
      : [line('KMS', 'key', 'kmsKeys', 1), line('KMS', 'requests', 'kmsRequests', kmsRequests(usage, objects))]),
  ];
  return { load, lines, usd: lines.reduce((sum, { usd }) => sum + usd, 0) };
}

function records({ recordsPerDay }: Usage): number {
  return recordsPerDay * daysPerMonth;
}

/** Returns the gigabytes of flow logs in a month, as VPC Flow Logs sends them. */
export function vendedLogGigabytes(usage: Usage, { payloadBytes }: Traffic): number {
  return (records(usage) * payloadBytes) / gigabyte;
}

/** The gigabytes that Firehose bills if it rounds each of its records up to steps of 5 KB. */
export function firehoseStepGigabytes(usage: Usage, { payloadBytes, subscriptionBytes }: Traffic): number {
  const inSteps = (bytes: number) => Math.ceil(bytes / stepBytes) * stepBytes;
  if (usage.wayIn === 'flow-logs') return (records(usage) * inSteps(payloadBytes)) / gigabyte;
  const firehoseRecords = records(usage) / assumed.subscriptionLines;
  return (firehoseRecords * inSteps(assumed.subscriptionLines * subscriptionBytes)) / gigabyte;
}

function partitionedGigabytes(usage: Usage, { decodedBytes }: Traffic): number {
  return (records(usage) * decodedBytes) / gigabyte;
}

/** The objects that Firehose writes: put requests, and objects of partitions. */
function lakeObjects({ objectsPerDay }: Load): number {
  return objectsPerDay * daysPerMonth;
}

function lambdaRequests({ batchesPerMinute, journal }: Load): number {
  return (batchesPerMinute + (journal?.invocationsPerMinute ?? 0)) * minutesPerDay * daysPerMonth;
}

function lambdaGigabyteSeconds({ functionsAtOnce, journal }: Load): number {
  return (functionsAtOnce + (journal?.functionsAtOnce ?? 0)) * hoursPerMonth * 3600 * assumed.memoryGigabytes;
}

/** The use of provisioned capacity that autoscaling targets. */
export function utilisationOf({ counting }: Pick<Usage, 'counting'>): number {
  return counting === 'journal' ? assumed.journalUtilisation : assumed.utilisation;
}

/** The on-demand request units of a month. */
export function unitsPerMonth(unitsPerSecond: number): number {
  return unitsPerSecond * hoursPerMonth * 3600;
}

/** The provisioned write unit-hours of a month, as autoscaling sets them between the two limits. */
function writeUnitHours(
  usage: Usage,
  { min, max }: NonNullable<Usage['provisionedWrites']>,
  { writeUnitsPerSecond }: Load,
): number {
  return hoursPerMonth * Math.min(max, Math.max(min, writeUnitsPerSecond / utilisationOf(usage)));
}

/** The provisioned read unit-hours of a month: a tenth of `min` at least, and as autoscaling sets them up to `max`. */
function readUnitHours(
  usage: Usage,
  { min, max }: NonNullable<Usage['provisionedWrites']>,
  { readUnitsPerSecond }: Load,
): number {
  const least = Math.ceil(min / assumed.writesPerRead);
  return hoursPerMonth * Math.min(max, Math.max(least, readUnitsPerSecond / utilisationOf(usage)));
}

/** The days of records that each storage class holds. */
function lakeDaysByClass({ lakeColdAfterDays, lakeExpireAfterDays }: Usage, load: Load) {
  const days = lakeExpireAfterDays === 0 ? 365 : lakeExpireAfterDays;
  const objectBytes = (load.storedGigabytesPerDay * gigabyte) / load.objectsPerDay;
  if (lakeColdAfterDays === 0 || lakeColdAfterDays >= days || objectBytes < assumed.minColdBytes) {
    return { standardDays: days, coldDays: 0 };
  }
  return { standardDays: lakeColdAfterDays, coldDays: Math.max(days - lakeColdAfterDays, assumed.minColdDays) };
}

function alertEmails({ mailsPerDay }: Usage): number {
  return mailsPerDay * daysPerMonth;
}

/**
 * The metrics of a month. CloudWatch bills a metric by the hours with data, so the metrics of alerts are billed for the
 * hours with alerts: at most one hour for each alert, and at most all hours.
 */
function billedMetrics(usage: Usage): number {
  const { metrics, frequentMetrics, alertMetrics } = assumed;
  const always = usage.rules + alertMetrics - 1;
  const ofAlerts = (alertEmails(usage) * alertMetrics) / hoursPerMonth;
  return metrics + frequentMetrics + geoMetrics(usage) + Math.min(always, ofAlerts);
}

function geoMetrics({ geoTable }: Usage): number {
  return geoTable ? assumed.geoMetrics : 0;
}

function logGigabytes(load: Load, { logBytesPerBatch }: Measured['machine']): number {
  return (lambdaRequests(load) * logBytesPerBatch) / gigabyte;
}

function kmsRequests({ names, context }: Usage, objects: number): number {
  const keyUsers = assumed.keyUsers + (names ? assumed.nameKeyUsers : 0) + (context ? assumed.contextKeyUsers : 0);
  return objects + keyUsers * 12 * hoursPerMonth;
}
