import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { synthesize, temporaryDirectory } from './synthesis.ts';

const goldenFile = join(import.meta.dirname, 'template.golden.json');

const directory = temporaryDirectory();
const template = synthesize({
  directory,
  validated: true,
  context: { alertEmails: 'security@example.com', vpcIds: 'vpc-0123456789abcdef0', monitoredNetworks: '10.0.0.0/16' },
});

describe('FlowSentinelStack', () => {
  it("passes CloudFormation's validation without warnings when flow logs and e-mails are set", () => {
    const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));

    expect(pluginReports).toEqual([]);
  });

  it('has the outputs that commands read when it is synthesized', () => {
    expect(Object.keys(template.findOutputs('*'))).toEqual([
      'DeliveryStreamArn',
      'FlowLogFormat',
      'AlertTopicArn',
      'DetectorFunctionName',
      'FlushFunctionName',
      'CounterRetentionDays',
      'PairTableName',
      'JournalTableName',
      'FlowLakeBucketName',
      'FailedRecordsQueueUrl',
      'AthenaWorkGroupName',
    ]);
  });

  it('equals the golden template when nothing has changed; UPDATE_GOLDEN=1 writes the file', () => {
    const text = `${JSON.stringify(template.toJSON(), null, 2).replace(/[0-9a-f]{64}/g, '<asset hash>')}\n`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(goldenFile, text);

    expect(text).toBe(readFileSync(goldenFile, 'utf8'));
  });
});
