import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { environmentNames } from '../../../lambda/config.ts';
import type { ContextHandler } from '../../../lambda/context-handler.ts';
import { idOf, synthesize, temporaryDirectory } from '../synthesis.ts';

const root = join(import.meta.dirname, '../../..');
const directory = temporaryDirectory();
const template = synthesize({ directory, bundled: true, context: { context: 'true' } });
const type = 'AWS::Lambda::Function';
const { Properties: made } = template.findResources(type)[idOf(template, type, 'ContextEvents')]!;
const bundle = join(directory, `asset.${(made.Code.S3Key as string).replace('.zip', '')}`);

it('contains only the code, its source map and the rules, and takes three clients from the runtime', () => {
  expect(readdirSync(bundle).sort()).toEqual(['index.mjs', 'index.mjs.map', 'rules.json']);
  const code = readFileSync(join(bundle, 'index.mjs'), 'utf8');
  const imported = [...code.matchAll(/\bfrom\s*"([\w@/:.-]+)"|\bimport\s*\(?\s*"([\w@/:.-]+)"/g)].map(
    ([, a, b]) => a ?? b,
  );
  const others = new Set(imported.filter((one) => !one!.startsWith('node:')));
  expect(others).toEqual(new Set(['@aws-sdk/client-ec2', '@aws-sdk/client-s3', '@aws-sdk/client-sqs']));
  expect(statSync(join(bundle, 'index.mjs')).size).toBeLessThanOrEqual(480_000);
});

it('is a separate asset: the bundle of the functions that alert reads no event', () => {
  const { Properties: detector } = template.findResources(type)[idOf(template, type, 'Detector')]!;
  const other = join(directory, `asset.${(detector.Code.S3Key as string).replace('.zip', '')}`, 'index.mjs');
  const code = readFileSync(other, 'utf8');
  for (const text of ['client-ec2', 'client-sqs', 'AuthorizeSecurityGroupIngress']) expect(code).not.toContain(text);
});

it('answers when it is loaded with clients as the runtime has them', async () => {
  // Lambda's runtime finds its clients from any folder.
  const task = temporaryDirectory();
  cpSync(bundle, task, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(task, 'node_modules'));
  vi.stubEnv(environmentNames.tableName, 'counters');
  vi.stubEnv(environmentNames.topicArn, 'arn:aws:sns:eu-west-1:111122223333:alerts');
  vi.stubEnv(environmentNames.rulesFile, './rules.json');
  vi.stubEnv(environmentNames.contextTableName, 'context');
  vi.stubEnv(environmentNames.contextQueueUrl, 'https://sqs.eu-west-1.amazonaws.com/111122223333/context');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  const { handler } = (await import(join(task, 'index.mjs'))) as { handler: ContextHandler };
  const context = { getRemainingTimeInMillis: () => 60_000, invokedFunctionArn: '' };
  const records = [{ messageId: 'one', body: '{"source": "custom", "detail-type": "GuardDuty Finding"}' }];
  expect(await handler({ Records: records }, context)).toEqual({ batchItemFailures: [] });
  vi.unstubAllEnvs();
});
