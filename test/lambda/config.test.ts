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
  it('requires table, topic and rules, and has defaults for everything else', () => {
    const config = readConfig(environment);
    expect(config).toMatchObject({
      tableName: 'counters',
      stackName: 'local',
      rulesFile: './rules.json',
      retentionSeconds: 30 * 86_400,
      messages: { perBatch: 20, perMinute: 60 },
      lakePartition: 'date',
      refusedPairsPerMinute: 20_000,
    });
    expect(config.formats.map(({ names }) => names.join(' '))).toEqual([defaultFormat]);
  });

  it('reads the table of names, which a function without names does not have', () => {
    expect(readConfig(environment).nameTableName).toBeUndefined();
    expect(readConfig({ ...environment, NAME_TABLE_NAME: '' }).nameTableName).toBeUndefined();
    expect(readConfig({ ...environment, NAME_TABLE_NAME: 'names' }).nameTableName).toBe('names');
  });

  it('reads the table of context and its days, which a function without context does not have', () => {
    expect(readConfig(environment)).toMatchObject({
      contextTableName: undefined,
      contextRetentionSeconds: 14 * 86_400,
    });
    const config = readConfig({ ...environment, CONTEXT_TABLE_NAME: 'context', CONTEXT_DAYS: '90' });
    expect(config).toMatchObject({ contextTableName: 'context', contextRetentionSeconds: 90 * 86_400 });
    expect(problemsOf({ CONTEXT_DAYS: '91' })).toContain('CONTEXT_DAYS is invalid: got "91"');
  });

  it('reads the stack name, the dimension of the metrics', () => {
    expect(readConfig({ ...environment, STACK_NAME: 'FlowSentinel-dev' }).stackName).toBe('FlowSentinel-dev');
  });

  it('reads several formats, one per line', () => {
    const { formats } = readConfig({ ...environment, FLOW_LOG_FORMATS: `${defaultFormat}\n\${version} \${srcaddr}` });
    expect(formats.map(({ names }) => names.length)).toEqual([14, 2]);
  });

  it('reports every problem at once', () => {
    const problems = problemsOf({
      COUNTER_TABLE_NAME: '',
      ALERT_TOPIC_ARN: undefined,
      FLOW_LOG_FORMATS: 'srcadr',
      COUNTER_RETENTION_DAYS: '1.5',
    });
    for (const part of [
      'COUNTER_TABLE_NAME is missing: got ""',
      'ALERT_TOPIC_ARN is missing: got undefined',
      '"srcadr"',
      'got "1.5"',
    ]) {
      expect(problems).toContain(part);
    }
  });

  it.each(['', 'x', '14', '3651', '-1', '30 '])('rejects %j as retention days', (days) => {
    expect(problemsOf({ COUNTER_RETENTION_DAYS: days })).toContain('a whole number from 15 to 3650');
  });

  it.each(['4', '1001', 'x'])('rejects %j as messages per minute', (messages) => {
    expect(problemsOf({ MESSAGES_PER_MINUTE: messages })).toBe(
      `MESSAGES_PER_MINUTE is invalid: got "${messages}", expected a whole number from 5 to 1000`,
    );
  });

  it('reads the lake partition, and rejects an unknown one', () => {
    expect(readConfig({ ...environment, LAKE_PARTITION: 'vpc' }).lakePartition).toBe('vpc');
    expect(problemsOf({ LAKE_PARTITION: 'region' })).toBe(
      'LAKE_PARTITION is invalid: got "region", expected one of date, account, vpc',
    );
  });

  it('refuses ambiguous formats', () => {
    expect(problemsOf({ FLOW_LOG_FORMATS: 'version srcaddr dstaddr\nversion dstaddr srcaddr' })).toContain(
      'are ambiguous',
    );
  });

  it.each(['0', '10000001', '1e3', ''])('rejects %j as refused pairs a minute', (pairs) => {
    expect(problemsOf({ REFUSED_PAIRS_PER_MINUTE: pairs })).toContain('a whole number from 1 to 10000000');
  });

  it('accepts up to ten million refused pairs a minute', () => {
    const config = readConfig({ ...environment, REFUSED_PAIRS_PER_MINUTE: '10000000' });
    expect(config.refusedPairsPerMinute).toBe(10_000_000);
  });
});
