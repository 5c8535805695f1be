import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSync } from 'esbuild';
import { environmentNames } from '../../lambda/config.ts';
import { FlowSentinelStack, stackNameOf } from '../../lib/flow-sentinel-stack.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';

const root = join(import.meta.dirname, '../..');

/** The function's code as `cdk deploy` would send it, in a temporary folder. */
export interface Bundle {
  /** The module that Lambda imports. */
  readonly path: string;
  /** The environment that Lambda would set, and fake credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** A module that only imports the two SDK clients and the commands in use, bundled the same way. */
  readonly clientsPath: string;
  remove(): void;
}

/** Synthesizes the default stack, and bundles its function. */
export function bundleFunction(): Bundle {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context?: object };
  const app = new App({
    outdir: join(directory, 'assembly'),
    context: { ...context, 'aws:cdk:bundling-stacks': ['**'] },
  });
  const text = JSON.stringify({ stages: { default: {} } });
  const [stage] = readSettings(app.node.getAllContext(), { path: 'flow-sentinel.json', text });
  const stack = new FlowSentinelStack(app, stackNameOf(stage!), { settings: stage!.settings });
  const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  const detector = functions.find(
    ({ Properties }) => environmentNames.rulesFile in (Properties.Environment?.Variables ?? {}),
  )!;
  const { Variables } = detector.Properties.Environment as { Variables: Record<string, unknown> };
  const texts = Object.entries(Variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const asset = (detector.Properties.Code.S3Key as string).replace('.zip', '');
  return {
    path: join(directory, 'assembly', `asset.${asset}`, 'index.mjs'),
    clientsPath: bundleClients(directory),
    environment: {
      ...Object.fromEntries(texts),
      [environmentNames.tableName]: 'counters',
      [environmentNames.topicArn]: 'arn:aws:sns:us-east-1:123456789012:alerts',
      [environmentNames.stackName]: 'bench',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

function bundleClients(directory: string): string {
  const clientsPath = join(directory, 'clients', 'index.mjs');
  const entry = join(directory, 'clients.mjs');
  writeFileSync(
    entry,
    `import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
    import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
    export const handler = async () => [DynamoDBClient, GetItemCommand, UpdateItemCommand, PublishBatchCommand, SNSClient];`,
  );
  buildSync({
    entryPoints: [entry],
    outfile: clientsPath,
    nodePaths: [join(root, 'node_modules')],
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  return clientsPath;
}
