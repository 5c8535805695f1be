import { minPerMinute } from './alert/message-allowance.ts';
import type { MessageLimits } from './alert/messages.ts';
import { daySeconds } from './common/calendar.ts';
import { FlowError } from './common/errors.ts';
import { ambiguities, defaultFormat, type Format, parseFormat } from './flow-log/format.ts';
import { laneCounts } from './journal/lane.ts';
import { type LakePartition, lakePartitions } from './respond/lake-partition.ts';
import type { S3Object } from './rules/model.ts';
import { parseS3Url } from './rules/s3-url.ts';

/** The function's environment variables; the function reads them and the stack sets them. */
export const environmentNames = {
  tableName: 'COUNTER_TABLE_NAME',
  topicArn: 'ALERT_TOPIC_ARN',
  stackName: 'STACK_NAME',
  formats: 'FLOW_LOG_FORMATS',
  retentionDays: 'COUNTER_RETENTION_DAYS',
  rulesFile: 'RULES_FILE',
  messagesPerBatch: 'MESSAGES_PER_BATCH',
  messagesPerMinute: 'MESSAGES_PER_MINUTE',
  lakePartition: 'LAKE_PARTITION',
  refusedPairsPerMinute: 'REFUSED_PAIRS_PER_MINUTE',
  journalTableName: 'JOURNAL_TABLE_NAME',
  countLanes: 'COUNT_LANES',
  countEverySeconds: 'COUNT_EVERY_SECONDS',
  geoTable: 'GEO_TABLE',
  nameTableName: 'NAME_TABLE_NAME',
  contextTableName: 'CONTEXT_TABLE_NAME',
  contextDays: 'CONTEXT_DAYS',
  contextQueueUrl: 'CONTEXT_QUEUE_URL',
  guardDutyAnswers: 'GUARDDUTY_ANSWERS',
} as const;

/** The limits of messages to the topic by default. */
export const defaultMessages: MessageLimits = { perBatch: 20, perMinute: 60 };

/**
 * The budget of refused pairs by default. In ordinary background noise, a host with a public address has at most 76 in a
 * minute: 260 such hosts at once stay below the budget.
 */
export const defaultRefusedPairsPerMinute = 20_000;

/** The time from one flush of the journal to the next by default, in seconds. */
export const defaultCountEverySeconds = 300;

/** The days for which context is stored by default, at least, and at most: as long as GuardDuty keeps a finding. */
export const contextDays = { byDefault: 14, min: 1, max: 90 };

/** The function's configuration. */
export interface Config {
  readonly tableName: string;
  readonly topicArn: string;
  /** The dimension that separates the metrics of stacks. */
  readonly stackName: string;
  readonly formats: readonly Format[];
  readonly retentionSeconds: number;
  /** Path of the compiled rule set, a JSON file, relative to the function's code. */
  readonly rulesFile: string;
  readonly messages: MessageLimits;
  readonly lakePartition: LakePartition;
  readonly refusedPairsPerMinute: number;
  /** The table of the journal; undefined without one: then every batch is counted directly. */
  readonly journalTableName: string | undefined;
  /** The number of lanes into which batches put their pages; 0 if batches are counted directly. */
  readonly countLanes: number;
  /** The time from one flush of the journal to the next. */
  readonly countEverySeconds: number;
  /** The table of regions; undefined without one: then countries are unknown. */
  readonly geoTable: S3Object | undefined;
  /** The table of names that another function looks up; undefined without one. */
  readonly nameTableName: string | undefined;
  /** The table of what happened around hosts, which another function fills; undefined without one. */
  readonly contextTableName: string | undefined;
  /** How long sent alerts are stored in that table. */
  readonly contextRetentionSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A counter must be retained longer than the longest window and its late records. */
const minRetentionDays = 15;

/**
 * Reads the configuration. Synth and cold start share this function, so both accept the same values.
 *
 * - `COUNTER_TABLE_NAME`, `ALERT_TOPIC_ARN`, `RULES_FILE`: required.
 * - `STACK_NAME`: the dimension of the metrics. Default: `local`.
 * - `FLOW_LOG_FORMATS`: the stream's formats, one per line, as AWS writes them or as field names. Default: AWS's default.
 * - `COUNTER_RETENTION_DAYS`: days to retain a counter after its last flow, 15 to 3650. Default: 30.
 * - `MESSAGES_PER_BATCH`: maximum number of messages to the topic per batch, 1 to 1000. Default: 20.
 * - `MESSAGES_PER_MINUTE`: the same per minute, 5 to 1000: at least one for each level. Default: 60.
 * - `LAKE_PARTITION`: the partition of the stream's objects besides the day: `account`, `vpc`, or `date` for none.
 *   Default: `date`.
 * - `REFUSED_PAIRS_PER_MINUTE`: maximum number of pairs of refused outside sources that are counted exactly, for each
 *   minute of arrival, 1 to 10000000. Default: 20000.
 * - `JOURNAL_TABLE_NAME`: the table of the journal. Default: none.
 * - `COUNT_LANES`: the number of lanes of the journal for new batches, 16 or 128; 0 to count them directly. Default: 0.
 * - `COUNT_EVERY_SECONDS`: the time from one flush of the journal to the next, 60 to 900. Default: 300.
 * - `GEO_TABLE`: the table of regions, such as `s3://my-bucket/geo.bin`. Default: none.
 * - `NAME_TABLE_NAME`: the table of names of addresses. Default: none.
 * - `CONTEXT_TABLE_NAME`: the table of what happened around hosts. Default: none.
 * - `CONTEXT_DAYS`: days to store a sent alert in that table, 1 to 90. Default: 14.
 *
 * @throws FlowError `CONFIG_INVALID` that lists every problem
 */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const { required, wholeNumber } = readersOf(environment, problems);
  const tableName = required(environmentNames.tableName);
  const topicArn = required(environmentNames.topicArn);
  const rulesFile = required(environmentNames.rulesFile);
  const stackName = environment[environmentNames.stackName] || 'local';
  const formats = readFormats(environment[environmentNames.formats] ?? defaultFormat, problems);
  const retentionSeconds = wholeNumber(environmentNames.retentionDays, 30, minRetentionDays, 3650) * daySeconds;
  const messages = {
    perBatch: wholeNumber(environmentNames.messagesPerBatch, defaultMessages.perBatch, 1, 1000),
    perMinute: wholeNumber(environmentNames.messagesPerMinute, defaultMessages.perMinute, minPerMinute, 1000),
  };
  const refusedPairsPerMinute = wholeNumber(
    environmentNames.refusedPairsPerMinute,
    defaultRefusedPairsPerMinute,
    1,
    10_000_000,
  );
  const journalTableName = environment[environmentNames.journalTableName] || undefined;
  const countLanes = wholeNumber(environmentNames.countLanes, 0, 0, 128);
  const countEverySeconds = wholeNumber(environmentNames.countEverySeconds, defaultCountEverySeconds, 60, 900);
  if (countLanes > 0) {
    if (!laneCounts.some((count) => count === countLanes)) {
      const expected = `expected 0, ${laneCounts.join(' or ')}`;
      problems.push(`${environmentNames.countLanes} is invalid: got ${countLanes}, ${expected}`);
    }
    required(environmentNames.journalTableName);
  }
  const { byDefault, min, max } = contextDays;
  const contextRetentionSeconds = wholeNumber(environmentNames.contextDays, byDefault, min, max) * daySeconds;
  const geoTable = readGeoTable(environment[environmentNames.geoTable] || undefined, problems);
  const lakePartition = readLakePartition(environment[environmentNames.lakePartition] ?? 'date', problems);
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('; '));
  return {
    tableName,
    topicArn,
    stackName,
    formats,
    retentionSeconds,
    rulesFile,
    messages,
    lakePartition,
    refusedPairsPerMinute,
    journalTableName,
    countLanes,
    countEverySeconds,
    geoTable,
    nameTableName: environment[environmentNames.nameTableName] || undefined,
    contextTableName: environment[environmentNames.contextTableName] || undefined,
    contextRetentionSeconds,
  };
}

/** The configuration of the function that stores context. */
export interface ContextConfig {
  readonly tableName: string;
  /** The function's own queue, for events to look at again. */
  readonly queueUrl: string;
  readonly stackName: string;
  readonly retentionSeconds: number;
}

/**
 * Reads the configuration of the function that stores context: `CONTEXT_TABLE_NAME` and `CONTEXT_QUEUE_URL` are required,
 * `CONTEXT_DAYS` and `STACK_NAME` are as in readConfig.
 *
 * @throws FlowError `CONFIG_INVALID` that lists every problem
 */
export function readContextConfig(environment: Environment): ContextConfig {
  const problems: string[] = [];
  const { required, wholeNumber } = readersOf(environment, problems);
  const { byDefault, min, max } = contextDays;
  const config = {
    tableName: required(environmentNames.contextTableName),
    queueUrl: required(environmentNames.contextQueueUrl),
    stackName: environment[environmentNames.stackName] || 'local',
    retentionSeconds: wholeNumber(environmentNames.contextDays, byDefault, min, max) * daySeconds,
  };
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('; '));
  return config;
}

/** Returns the readers of variables; they add each problem to the list. */
function readersOf(environment: Environment, problems: string[]) {
  return {
    required(name: string): string {
      const value = environment[name];
      if (!value) problems.push(`${name} is missing: got ${JSON.stringify(value)}, expected a value`);
      return value ?? '';
    },
    wholeNumber(name: string, fallback: number, min: number, max: number): number {
      const text = environment[name] ?? String(fallback);
      if (/^\d{1,8}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
      problems.push(`${name} is invalid: got ${JSON.stringify(text)}, expected a whole number from ${min} to ${max}`);
      return fallback;
    },
  };
}

function readGeoTable(url: string | undefined, problems: string[]): S3Object | undefined {
  const object = url === undefined ? undefined : parseS3Url(url);
  if (url !== undefined && !object)
    problems.push(
      `${environmentNames.geoTable} is invalid: got ${JSON.stringify(url)}, expected an object such as s3://my-bucket/geo.bin`,
    );
  return object;
}

function readLakePartition(text: string, problems: string[]): LakePartition {
  const partition = lakePartitions.find((name) => name === text);
  if (partition !== undefined) return partition;
  problems.push(
    `${environmentNames.lakePartition} is invalid: got ${JSON.stringify(text)}, expected one of ${lakePartitions.join(', ')}`,
  );
  return 'date';
}

function readFormats(text: string, problems: string[]): Format[] {
  const formats = text
    .split('\n')
    .map(parseFormat)
    .flatMap((format, index) => {
      if (!('problem' in format)) return [format];
      problems.push(`${environmentNames.formats} line ${index + 1}: ${format.problem}`);
      return [];
    });
  problems.push(...ambiguities(formats).map((problem) => `${environmentNames.formats}: ${problem}`));
  return formats;
}
