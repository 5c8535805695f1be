import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { environmentNames } from '../../../lambda/config.ts';
import { requestItem } from '../../../lambda/names/name-items.ts';
import { startEc2Server } from '../../cli/collect/ec2-server.ts';
import type { Json } from '../../cli/collect/ec2-xml.ts';
import { described } from '../../support/describe-answers.ts';
import { createNameTable } from '../../support/name-table.ts';
import { sharedStack } from '../../support/shared-stack.ts';
import { idOf, synthesize, temporaryDirectory } from '../synthesis.ts';

const root = join(import.meta.dirname, '../../..');
const directory = temporaryDirectory();
const template = synthesize({ directory, bundled: true, context: { names: 'true' } });
const type = 'AWS::Lambda::Function';
const { Properties: names } = template.findResources(type)[idOf(template, type, 'NamesFunction')]!;
const bundle = join(directory, `asset.${(names.Code.S3Key as string).replace('.zip', '')}`);
const stack = sharedStack();

it('contains only the code and its source map, and takes two clients from the runtime', () => {
  expect(readdirSync(bundle).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  const code = readFileSync(join(bundle, 'index.mjs'), 'utf8');
  const imported = [...code.matchAll(/\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g)].map(([, a, b]) => a ?? b);
  const others = new Set(imported.filter((one) => !one!.startsWith('node:')));
  expect(others).toEqual(new Set(['@aws-sdk/client-dynamodb', '@aws-sdk/client-ec2']));
  expect(statSync(join(bundle, 'index.mjs')).size).toBeLessThanOrEqual(60_000);
});

it('is a separate asset: the bundle of the functions that alert has no client of EC2', () => {
  const { Properties: detector } = template.findResources(type)[idOf(template, type, 'Detector')]!;
  expect(detector.Code).not.toEqual(names.Code);
  const other = join(directory, `asset.${(detector.Code.S3Key as string).replace('.zip', '')}`, 'index.mjs');
  expect(readFileSync(other, 'utf8')).not.toContain('client-ec2');
});

it('looks a name up when it gets a request, with clients as the runtime has them', async () => {
  const ec2 = await startEc2Server();
  const eni = 'eni-0a1b2c3d';
  ec2.regions['us-east-1'] = { interfaces: [{ ...described(), NetworkInterfaceId: eni } as Json] };
  const table = await createNameTable(stack(), 'names');
  const item = requestItem({ interface: eni }, 1000);
  await stack().clients.dynamoDb.send(new PutItemCommand({ TableName: table.name, Item: item }));
  const { protocol, hostname, port } = await stack().clients.dynamoDb.config.endpoint!();
  // Lambda's runtime finds its clients from any folder.
  const task = temporaryDirectory();
  cpSync(bundle, task, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(task, 'node_modules'));
  const event = { Records: [{ eventName: 'INSERT', dynamodb: { NewImage: item } }] };
  const program = `
    const { handler } = await import(${JSON.stringify(join(task, 'index.mjs'))});
    await handler(${JSON.stringify(event)});
  `;
  const env = {
    [environmentNames.nameTableName]: table.name,
    [environmentNames.stackName]: 'test',
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' },
    AWS_ENDPOINT_URL_DYNAMODB: `${protocol}//${hostname}:${port}`,
    AWS_ENDPOINT_URL_EC2: ec2.endpoint,
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  ec2.stop();
  expect(JSON.parse(stdout)).toMatchObject({ level: 'INFO', message: 'names looked up', found: 1 });
  expect((await table.items()).map(({ pk }) => pk!.S).sort()).toEqual([`interface#${eni}`, `wanted#interface#${eni}`]);
});
