import type { MessageLimits } from './alert/messages.ts';
import { FlowError } from './common/errors.ts';
import { ambiguities, defaultFormat, type Format, parseFormat } from './flow-log/format.ts';
import { type LakePartition, lakePartitions } from './respond/lake-partition.ts';

/** The names of the function's environment variables, for both sides: the function and the stack. */
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
} as const;

export const defaultMessages: MessageLimits = { perBatch: 20, perMinute: 60 };

/** What the function is told by its environment. */
export interface Config {
  readonly tableName: string;
  readonly topicArn: string;
  /** What the metrics are told apart by from those of other stacks. */
  readonly stackName: string;
  readonly formats: readonly Format[];
  readonly retentionSeconds: number;
  /** The compiled rule set, a JSON file; relative to the function's code. */
  readonly rulesFile: string;
  readonly messages: MessageLimits;
  readonly lakePartition: LakePartition;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A counter must outlive the longest window and its late records. */
const minRetentionDays = 15;

/**
 * Reads the configuration. The same at synth and at start, so that what passes the one passes the other.
 *
 * - `COUNTER_TABLE_NAME`, `ALERT_TOPIC_ARN`, `RULES_FILE`: required.
 * - `STACK_NAME`: the dimension of its metrics. Default: `local`.
 * - `FLOW_LOG_FORMATS`: the stream's formats, a line each, as AWS writes them or as field names. Default: AWS's default.
 * - `COUNTER_RETENTION_DAYS`: days after its last flow that a counter is kept, 15 to 3650. Default: 30.
 * - `MESSAGES_PER_BATCH`, `MESSAGES_PER_MINUTE`: the most messages to the topic, 1 to 1000. Default: 20 and 60.
 * - `LAKE_PARTITION`: what the stream parts its objects by besides the day: `date` for nothing, `account` or `vpc`.
 *   Default: `date`.
 *
 * @throws FlowError `CONFIG_INVALID` that names every problem
 */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const required = (name: string) => {
    const value = environment[name];
    if (!value) problems.push(`${name} is required, got ${JSON.stringify(value)}`);
    return value ?? '';
  };
  const tableName = required(environmentNames.tableName);
  const topicArn = required(environmentNames.topicArn);
  const rulesFile = required(environmentNames.rulesFile);
  const stackName = environment[environmentNames.stackName] || 'local';
  const formats = readFormats(environment[environmentNames.formats] ?? defaultFormat, problems);
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const text = environment[name] ?? String(fallback);
    if (/^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    problems.push(`${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
    return fallback;
  };
  const retentionSeconds = whole(environmentNames.retentionDays, 30, minRetentionDays, 3650) * 86_400;
  const messages = {
    perBatch: whole(environmentNames.messagesPerBatch, defaultMessages.perBatch, 1, 1000),
    perMinute: whole(environmentNames.messagesPerMinute, defaultMessages.perMinute, 1, 1000),
  };
  const lakePartition = readLakePartition(environment[environmentNames.lakePartition] ?? 'date', problems);
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('; '));
  return { tableName, topicArn, stackName, formats, retentionSeconds, rulesFile, messages, lakePartition };
}

function readLakePartition(text: string, problems: string[]): LakePartition {
  const partition = lakePartitions.find((one) => one === text);
  if (partition !== undefined) return partition;
  problems.push(
    `${environmentNames.lakePartition} must be one of ${lakePartitions.join(', ')}, got ${JSON.stringify(text)}`,
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
