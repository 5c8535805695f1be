import { ambiguities, defaultFormat, type Format, parseFormat } from './core/format.ts';
import { FlowError } from './errors.ts';

/** The names of the function's environment variables, for both sides: the function and the stack. */
export const environmentNames = {
  tableName: 'COUNTER_TABLE_NAME',
  topicArn: 'ALERT_TOPIC_ARN',
  formats: 'FLOW_LOG_FORMATS',
  retentionDays: 'COUNTER_RETENTION_DAYS',
  rulesFile: 'RULES_FILE',
} as const;

/** What the function is told by its environment. */
export interface Config {
  readonly tableName: string;
  readonly topicArn: string;
  readonly formats: readonly Format[];
  readonly retentionSeconds: number;
  /** The compiled rule set, a JSON file; relative to the function's code. */
  readonly rulesFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A counter must outlive the longest window and its late records. */
const minRetentionDays = 15;

/**
 * Reads the configuration. The same at synth and at start, so that what passes the one passes the other.
 *
 * - `COUNTER_TABLE_NAME`, `ALERT_TOPIC_ARN`, `RULES_FILE`: required.
 * - `FLOW_LOG_FORMATS`: the stream's formats, a line each, as AWS writes them or as field names. Default: AWS's default.
 * - `COUNTER_RETENTION_DAYS`: days after its last flow that a counter is kept, 15 to 3650. Default: 30.
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
  const formats = readFormats(environment[environmentNames.formats] ?? defaultFormat, problems);
  const days = environment[environmentNames.retentionDays] ?? '30';
  if (!/^\d{1,4}$/.test(days) || Number(days) < minRetentionDays || Number(days) > 3650) {
    problems.push(
      `${environmentNames.retentionDays} must be a whole number from ${minRetentionDays} to 3650, got ${JSON.stringify(days)}`,
    );
  }
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('; '));
  return { tableName, topicArn, formats, retentionSeconds: Number(days) * 86_400, rulesFile };
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
