import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lambda/config.ts';
import { defaultFormat } from '../../lambda/flow-log/format.ts';

const environment = {
  COUNTER_TABLE_NAME: 'counters',
  ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:alerts',
  RULES_FILE: './rules.json',
};

const problemsOf = (changes: Record<string, string | undefined>) => {
  try {
    readConfig({ ...environment, ...changes });
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return undefined;
};

describe('readConfig', () => {
  it('needs table, topic and rules, and has a default for the rest', () => {
    const config = readConfig(environment);
    expect(config).toMatchObject({
      tableName: 'counters',
      stackName: 'local',
      rulesFile: './rules.json',
      retentionSeconds: 30 * 86_400,
      messages: { perBatch: 20, perMinute: 60 },
      lakePartition: 'date',
    });
    expect(config.formats.map(({ names }) => names.join(' '))).toEqual([defaultFormat]);
  });

  it('takes the name that its metrics are told apart by', () => {
    expect(readConfig({ ...environment, STACK_NAME: 'FlowSentinel-dev' }).stackName).toBe('FlowSentinel-dev');
  });

  it('takes several formats, a line each', () => {
    const { formats } = readConfig({ ...environment, FLOW_LOG_FORMATS: `${defaultFormat}\n\${version} \${srcaddr}` });
    expect(formats.map(({ names }) => names.length)).toEqual([14, 2]);
  });

  it('names every problem at once', () => {
    const problems = problemsOf({
      COUNTER_TABLE_NAME: '',
      ALERT_TOPIC_ARN: undefined,
      FLOW_LOG_FORMATS: 'srcadr',
      COUNTER_RETENTION_DAYS: '1.5',
    });
    for (const part of [
      'COUNTER_TABLE_NAME is required, got ""',
      'ALERT_TOPIC_ARN is required, got undefined',
      '"srcadr"',
      'got "1.5"',
    ]) {
      expect(problems).toContain(part);
    }
  });

  it.each(['', 'x', '14', '3651', '-1', '30 '])('refuses %j as days to keep a counter', (days) => {
    expect(problemsOf({ COUNTER_RETENTION_DAYS: days })).toContain('a whole number from 15 to 3650');
  });

  it.each(['0', '1001', 'x'])('refuses %j as messages a minute', (messages) => {
    expect(problemsOf({ MESSAGES_PER_MINUTE: messages })).toBe(
      `MESSAGES_PER_MINUTE must be a whole number from 1 to 1000, got "${messages}"`,
    );
  });

  it('takes what the lake is parted by, and nothing that Firehose would be given no key for', () => {
    expect(readConfig({ ...environment, LAKE_PARTITION: 'vpc' }).lakePartition).toBe('vpc');
    expect(problemsOf({ LAKE_PARTITION: 'region' })).toBe(
      'LAKE_PARTITION must be one of date, account, vpc, got "region"',
    );
  });

  it('refuses ambiguous formats', () => {
    expect(problemsOf({ FLOW_LOG_FORMATS: 'version srcaddr dstaddr\nversion dstaddr srcaddr' })).toContain(
      'are ambiguous',
    );
  });
});
