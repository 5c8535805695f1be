import { dedupTokenLength } from '../../lambda/counters/counter.ts';
import { maxResponseBytes } from '../../lambda/respond/respond.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { Measured, Traffic } from './measured-traffic.ts';
import { type PriceList, type PriceName, priced } from './price-list.ts';

/** Settings of flow-sentinel.json that the bill depends on. */
export type BilledSettings = Pick<
  Settings,
  | 'lakeFormat'
  | 'lakePartition'
  | 'lakeColdAfterDays'
  | 'lakeExpireAfterDays'
  | 'encryption'
  | 'retentionDays'
  | 'provisionedWrites'
  | 'warmWrites'
>;

/** How much there is of what, and how the stack is set up. */
export interface Usage extends BilledSettings {
  readonly recordsPerDay: number;
  /** Distinct pairs of a day; as many as the measured traffic has for so many records where it is not given. */
  readonly pairsPerDay?: number | undefined;
  /** Flow logs straight to the stream, or a subscription to a log group that is there and paid for. */
  readonly wayIn: 'flow-logs' | 'log-group';
  /** Accounts or VPCs, where the lake is parted by them. */
  readonly partitions: number;
  /** Rules, each of which has a metric when it alerts. */
  readonly rules: number;
  /** Alerts, times those who get them by mail. */
  readonly mailsPerDay: number;
  /** The buffer before the function: a batch is what comes first. */
  readonly bufferMebibytes: number;
  readonly bufferSeconds: 60 | 300;
}

/** What is neither measured nor priced; docs/operate/cost.md says why each is as it is. */
export const assumed = {
  /** Of a day's pairs, those that no day before had. */
  newPairs: 0.3,
  /** The function has 1,024 MB, and 1,769 MB are one processor (Lambda Developer Guide, "Memory"). */
  processorShare: 1024 / 1769,
  memoryGigabytes: 1,
  /** How long DynamoDB takes for an update, and how many are under way at once. */
  writeMilliseconds: 5,
  writesAtOnce: 64,
  /** Parquet with Snappy, for each byte of compressed JSON. */
  parquetShare: 1,
  /** Lines in a record of a subscription. */
  subscriptionLines: 500,
  /** When Firehose writes an object: seconds, or mebibytes as they come from the function. */
  objectSeconds: 300,
  objectMebibytes: 128,
  /** Metrics that the function tells of each batch; those of rules come to them. */
  metrics: 15,
  /** Metrics that the alarms look at: an alarm is billed by them, and some of the thirteen reckon with several. */
  alarmMetrics: 21,
  dashboards: 1,
  /** Objects that are smaller than this, in bytes, stay in their class (S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle"). */
  leastColdBytes: 128 * 1024,
  /** What goes to Glacier Instant Retrieval is paid there for so many days at least. */
  leastColdDays: 90,
  /**
   * Requests to an own key: each of what it encrypts (table, bucket, stream, two topics, two log groups) asks every five
   * minutes, and Firehose for each object at most.
   */
  keyUsers: 7,
  /** A table on demand takes this from the start (DynamoDB Developer Guide, "Warm throughput"). */
  initialWriteUnits: 4000,
  /** The busiest minute against the mean one. */
  peak: 2,
  /** What autoscaling leaves used of provisioned capacity. */
  utilisation: 0.7,
  /** Units of writes for each unit of reads that is bought at least. */
  writesPerRead: 10,
} as const;

/** A line of the bill, for a month of 730 hours. */
export interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
  /** Whether the price was found again when it was written down. */
  readonly verified: boolean;
}

/** What a batch and a second look like. */
export interface Load {
  /** What comes into the stream, in bytes. */
  readonly bytesPerSecond: number;
  readonly recordsPerBatch: number;
  readonly batchesPerMinute: number;
  /** Pairs and other groups that a batch writes. */
  readonly pairWritesPerBatch: number;
  readonly groupWritesPerBatch: number;
  readonly unitsPerPairWrite: number;
  readonly unitsPerGroupWrite: number;
  /** What the tokens take in an item that every batch writes: DynamoDB takes items of 400 KB. */
  readonly busiestItemBytes: number;
  readonly writeUnitsPerSecond: number;
  /** Each process looks up once which batches the others have counted. */
  readonly readUnitsPerSecond: number;
  readonly functionSeconds: number;
  readonly functionsAtOnce: number;
  readonly objectsPerDay: number;
  readonly storedGigabytesPerDay: number;
  readonly tableGigabytes: number;
}

export interface Bill {
  readonly load: Load;
  readonly lines: readonly BillLine[];
  readonly usd: number;
}

const hoursPerMonth = 730;
const daysPerMonth = hoursPerMonth / 24;
const minutesPerDay = 1440;
const gigabyte = 2 ** 30;
const mebibyte = 2 ** 20;
/** Firehose bills a record by begun steps of 5 KB. */
const stepBytes = 5 * 1024;

/**
 * How many counters a batch writes: those of `active` ones that one of the batch's records adds to, when each of them has
 * `touches / active` records in a minute and these fall into the minute's batches by chance.
 */
export function writesPerBatch(active: number, touches: number, batchesPerMinute: number): number {
  if (active === 0) return 0;
  const each = Math.max(1, touches / active);
  return active * (1 - (1 - 1 / batchesPerMinute) ** each);
}

/** What the traffic makes of the stack. */
export function loadOf(usage: Usage, traffic: Traffic, machine: Measured['machine']): Load {
  const recordsPerMinute = usage.recordsPerDay / minutesPerDay;
  const incoming = usage.wayIn === 'flow-logs' ? traffic.payloadBytes : traffic.subscriptionBytes;
  const isLong = usage.bufferSeconds === 300;
  const intervals = 60 / usage.bufferSeconds;
  const batchesPerMinute = Math.max(
    intervals,
    (recordsPerMinute * incoming) / (usage.bufferMebibytes * mebibyte),
    (recordsPerMinute * answerBytes(traffic)) / maxResponseBytes,
  );
  const pairsPerDay = usage.pairsPerDay ?? usage.recordsPerDay * traffic.pairsPerRecord;
  const usual = recordsPerMinute / traffic.recordsPerPair;
  const pairs = Math.min(usual, usage.pairsPerDay ?? usual);
  const groups = (recordsPerMinute / traffic.recordsPerGroup) * (pairs / usual || 0);
  const wider = isLong ? 5 * traffic.fiveMinuteWrites : 1;
  const inInterval = Math.max(1, batchesPerMinute / intervals);
  const perInterval = (active: number, touched: number) =>
    writesPerBatch(active * wider, (touched * recordsPerMinute) / intervals, inInterval);
  const pairWritesPerBatch = perInterval(pairs, traffic.pairsTouched);
  const groupWritesPerBatch = perInterval(groups, traffic.groupsTouched);
  const tokenUnits = (rememberedMinutes * dedupTokenLength) / 1024;
  const moreTokens = (active: number, perBatch: number) =>
    active === 0 ? 0 : tokenUnits * Math.max(0, (perBatch * batchesPerMinute) / active - 1);
  const unitsPerPairWrite = traffic.pairUnits + moreTokens(pairs, pairWritesPerBatch);
  const unitsPerGroupWrite = traffic.groupUnits + moreTokens(groups, groupWritesPerBatch);
  const unitsPerBatch =
    (pairWritesPerBatch * unitsPerPairWrite + groupWritesPerBatch * unitsPerGroupWrite) * (1 + traffic.moreWrites) +
    notesPerBatch;
  const recordsPerBatch = recordsPerMinute / batchesPerMinute;
  const writes = (pairWritesPerBatch + groupWritesPerBatch) * (1 + traffic.moreWrites) + notesPerBatch;
  const processor = (recordsPerBatch * machine.recordMicroseconds + writes * machine.writeMicroseconds) / 1e6;
  const waiting = (writes * assumed.writeMilliseconds) / 1000 / assumed.writesAtOnce;
  const functionSeconds = processor / assumed.processorShare + waiting;
  const functionsAtOnce = (functionSeconds * batchesPerMinute) / 60;
  const processes = Math.max(1, Math.ceil(assumed.peak * functionsAtOnce));
  const storedBytes = traffic.storedBytes * (usage.lakeFormat === 'parquet' ? assumed.parquetShare : 1);
  const items = usage.recordsPerDay * traffic.groupsPerRecord + pairsPerDay;
  const tableBytes =
    items * (1 + assumed.newPairs * (usage.retentionDays - 1)) * (traffic.keptItemBytes + overheadBytes);
  return {
    bytesPerSecond: (recordsPerMinute * incoming) / 60,
    recordsPerBatch,
    batchesPerMinute,
    pairWritesPerBatch,
    groupWritesPerBatch,
    unitsPerPairWrite,
    unitsPerGroupWrite,
    busiestItemBytes: batchesPerMinute * longestRememberedMinutes * dedupTokenLength,
    writeUnitsPerSecond: (unitsPerBatch * batchesPerMinute) / 60,
    readUnitsPerSecond: (((processes - 1) * batchesPerMinute) / 60) * unitsPerLookUp,
    functionSeconds,
    functionsAtOnce,
    objectsPerDay: objectsPerDay(usage, traffic),
    storedGigabytesPerDay: (usage.recordsPerDay * storedBytes) / gigabyte,
    tableGigabytes: tableBytes / gigabyte,
  };
}

/**
 * How long an item remembers a batch, and at most where the client repeats requests: see count/finished-batches.ts. Those
 * that nobody counts in whole are remembered for 75 minutes and more, and are few.
 */
const rememberedMinutes = 2;
const longestRememberedMinutes = 8;
/** That a batch begins is noted, and that it was counted in whole; a look-up need not be consistent, and is half a unit. */
const notesPerBatch = 2;
const unitsPerLookUp = 0.5;
/** What DynamoDB adds to each item when it bills storage (DynamoDB Developer Guide, "Item sizes and formats"). */
const overheadBytes = 100;
/** What a record takes of an answer: its line in base64, and some 120 bytes around it. */
const answerBytes = ({ decodedBytes }: Traffic) => (decodedBytes * 4) / 3 + 120;

function objectsPerDay({ recordsPerDay, lakePartition, partitions }: Usage, traffic: Traffic): number {
  const places = lakePartition === 'date' ? 1 : partitions;
  const bytes = assumed.objectMebibytes * mebibyte;
  const byTime = (86_400 / assumed.objectSeconds) * places;
  return Math.min(recordsPerDay, Math.max(byTime, (recordsPerDay * traffic.decodedBytes) / bytes));
}

/** The bill of a month: when the lake is as full as it gets, or after a year where nothing expires. Pure. */
export function billOf(usage: Usage, traffic: Traffic, machine: Measured['machine'], { prices }: PriceList): Bill {
  const load = loadOf(usage, traffic, machine);
  const records = usage.recordsPerDay * daysPerMonth;
  const batches = load.batchesPerMinute * minutesPerDay * daysPerMonth;
  const objects = load.objectsPerDay * daysPerMonth;
  const line = (service: string, item: string, name: PriceName, quantity: number): BillLine => {
    const { unit, verified } = prices[name];
    return { service, item, quantity, unit, usd: priced(prices[name], quantity), verified };
  };
  const incoming = ingested(usage, traffic, records);
  const days = usage.lakeExpireAfterDays === 0 ? 365 : usage.lakeExpireAfterDays;
  const { warmDays, coldDays } = daysByClass(usage, days, load);
  const lines = [
    ...(usage.wayIn === 'flow-logs'
      ? [
          line('VPC Flow Logs', 'delivery to Firehose', 'vendedLogsToFirehose', incoming.gigabytes),
          line('Firehose', 'ingestion', 'firehoseVendedLogs', incoming.gigabytes),
        ]
      : [line('Firehose', 'ingestion', 'firehosePut', incoming.stepGigabytes)]),
    ...(usage.lakeFormat === 'parquet'
      ? [line('Firehose', 'conversion to Parquet', 'firehoseFormatConversion', incoming.stepGigabytes)]
      : []),
    ...(usage.lakePartition === 'date'
      ? []
      : [
          line(
            'Firehose',
            'dynamic partitioning',
            'firehoseDynamicPartitioning',
            (records * traffic.decodedBytes) / gigabyte,
          ),
          line('Firehose', 'objects of partitions', 'firehosePartitionedObjects', objects),
        ]),
    line('Lambda', 'requests', 'lambdaRequests', batches),
    line('Lambda', 'time', 'lambdaGigabyteSeconds', batches * load.functionSeconds * assumed.memoryGigabytes),
    ...(usage.provisionedWrites
      ? [
          line('DynamoDB', 'writes, bought ahead', 'dynamoWriteCapacity', writeCapacity(usage.provisionedWrites, load)),
          line('DynamoDB', 'reads, bought ahead', 'dynamoReadCapacity', readCapacity(usage.provisionedWrites)),
        ]
      : [
          line('DynamoDB', 'writes', 'dynamoWriteUnits', load.writeUnitsPerSecond * hoursPerMonth * 3600),
          line('DynamoDB', 'reads', 'dynamoReadUnits', load.readUnitsPerSecond * hoursPerMonth * 3600),
        ]),
    line('DynamoDB', 'storage', 'dynamoStorage', load.tableGigabytes),
    line('DynamoDB', 'point-in-time recovery', 'dynamoRecovery', load.tableGigabytes),
    line('S3', 'standard storage', 's3Standard', load.storedGigabytesPerDay * warmDays),
    line('S3', 'cold storage', 's3GlacierInstantRetrieval', load.storedGigabytesPerDay * coldDays),
    line('S3', 'requests', 's3Puts', objects),
    line('S3', 'transitions', 's3Transitions', coldDays > 0 ? objects : 0),
    line('SNS', 'publishes', 'snsPublishes', usage.mailsPerDay * daysPerMonth),
    line('SNS', 'mails', 'snsMails', usage.mailsPerDay * daysPerMonth),
    line('CloudWatch', 'logs', 'cloudWatchLogs', (batches * machine.logBytesPerBatch) / gigabyte),
    line('CloudWatch', 'metrics', 'cloudWatchMetrics', assumed.metrics + usage.rules),
    line('CloudWatch', 'alarms', 'cloudWatchAlarms', assumed.alarmMetrics),
    line('CloudWatch', 'dashboard', 'cloudWatchDashboards', assumed.dashboards),
    ...(usage.encryption === 'aws'
      ? []
      : [
          line('KMS', 'key', 'kmsKeys', 1),
          line('KMS', 'requests', 'kmsRequests', objects + assumed.keyUsers * 12 * hoursPerMonth),
        ]),
  ];
  return { load, lines, usd: lines.reduce((sum, { usd }) => sum + usd, 0) };
}

/** Unit-hours of a month, as autoscaling buys them between the least and the most. */
function writeCapacity({ min, max }: NonNullable<Usage['provisionedWrites']>, { writeUnitsPerSecond }: Load): number {
  return hoursPerMonth * Math.min(max, Math.max(min, writeUnitsPerSecond / assumed.utilisation));
}

/** Hardly anything is read, so that it stays at the least. */
function readCapacity({ min }: NonNullable<Usage['provisionedWrites']>): number {
  return hoursPerMonth * Math.ceil(min / assumed.writesPerRead);
}

/** How many days of the lake are paid for in each class. */
function daysByClass({ lakeColdAfterDays: coldAfter }: Usage, days: number, load: Load) {
  const objectBytes = (load.storedGigabytesPerDay * gigabyte) / load.objectsPerDay;
  if (coldAfter === 0 || coldAfter >= days || objectBytes < assumed.leastColdBytes) {
    return { warmDays: days, coldDays: 0 };
  }
  return { warmDays: coldAfter, coldDays: Math.max(days - coldAfter, assumed.leastColdDays) };
}

/** What comes in: by the byte, and in steps of 5 KB a Firehose record. */
function ingested({ wayIn }: Usage, traffic: Traffic, records: number) {
  const steps = (bytes: number) => Math.ceil(bytes / stepBytes) * stepBytes;
  if (wayIn === 'flow-logs') {
    const gigabytes = (records * traffic.payloadBytes) / gigabyte;
    return { gigabytes, stepGigabytes: (records * steps(traffic.payloadBytes)) / gigabyte };
  }
  const batch = assumed.subscriptionLines * traffic.subscriptionBytes;
  const batches = records / assumed.subscriptionLines;
  return { gigabytes: (batches * batch) / gigabyte, stepGigabytes: (batches * steps(batch)) / gigabyte };
}
