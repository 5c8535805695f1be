import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { sdkVersion } from '../../../lambda/aws/clients.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { stubAliases } from '../../../lib/detector/bundling.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { eventOf, lineOf } from '../../support/flows.ts';
import { idOf, synthesize, temporaryDirectory } from '../synthesis.ts';

const root = join(import.meta.dirname, '../../..');
const directory = temporaryDirectory();
const template = synthesize({ directory, bundled: true });
const type = 'AWS::Lambda::Function';
const { Properties: detector } = template.findResources(type)[idOf(template, type, 'Detector')]!;
const { Variables: variables } = detector.Environment;
const bundle = join(directory, `asset.${(detector.Code.S3Key as string).replace('.zip', '')}`);

const keys = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };

/** The environment that Lambda provides. */
const environment = {
  [environmentNames.tableName]: 'counters',
  [environmentNames.topicArn]: 'arn:aws:sns:us-east-1:123456789012:alerts',
  [environmentNames.stackName]: 'test',
  [environmentNames.formats]: variables[environmentNames.formats],
  [environmentNames.retentionDays]: variables[environmentNames.retentionDays],
  [environmentNames.rulesFile]: variables[environmentNames.rulesFile],
  NODE_OPTIONS: variables.NODE_OPTIONS,
  AWS_REGION: 'us-east-1',
  // No server listens on this port.
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
};

/** Runs Node.js in a child process and returns its output. */
async function run(args: readonly string[], more: Readonly<Record<string, string>>): Promise<string> {
  const options = { cwd: root, env: { ...environment, ...more }, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout.trim();
}

/** Sends an event to the bundled handler. Returns the log lines; the last is the response or the error. */
async function send(
  event: object,
  more: Readonly<Record<string, string>>,
  remainingMilliseconds = 300_000,
): Promise<string[]> {
  const program = `
    const { handler } = await import(${JSON.stringify(join(bundle, 'index.mjs'))});
    const answer = handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => ${remainingMilliseconds} });
    console.log(await answer.then(JSON.stringify, ({ code, message }) => code + ' ' + message));
    process.exit();
  `;
  return (await run(['--input-type=module', '--eval', program], more)).split('\n');
}

const event = eventOf(Array.from({ length: 11 }, (_, n) => lineOf({ action: 'REJECT', srcport: 40_000 + n })));

describe('the bundle of the detector', () => {
  it('contains only the code, its source map and the compiled rules when it is bundled', () => {
    expect(readdirSync(bundle).sort()).toEqual(['index.mjs', 'index.mjs.map', 'rules.json']);
  });

  it('is one asset of both functions when the stack is synthesized', () => {
    const assets = readdirSync(directory).filter((name) => /^asset\.[0-9a-f]{64}$/.test(name));

    expect(assets).toEqual([bundle.slice(directory.length + 1)]);
    template.allResourcesProperties(type, { Code: detector.Code });
  });

  it('exports a handler for each function when it is loaded', async () => {
    const handlers = Object.values(template.findResources(type)).map(({ Properties }) => Properties.Handler as string);
    const names = `Object.keys(await import(${JSON.stringify(join(bundle, 'index.mjs'))})).join()`;
    const exported = await run(['--input-type=module', '--eval', `console.log(${names})`], keys);

    expect(exported.split(',').map((name) => `index.${name}`)).toEqual(handlers.toSorted());
  });

  it('loads at most 490,000 bytes when the function starts cold', () => {
    expect(statSync(join(bundle, 'index.mjs')).size).toBeLessThanOrEqual(490_000);
  });

  it('contains the rules of rules/ when it is bundled', () => {
    const { off: _, ...rules } = compileRuleDirectory();
    expect(JSON.parse(readFileSync(join(bundle, 'rules.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(rules)));
  });

  it('contains only the packages that lambda/ imports, and no package with a stub, when it is bundled', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { sources } = JSON.parse(readFileSync(join(bundle, 'index.mjs.map'), 'utf8')) as { sources: string[] };

    const packages = new Set(
      sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    const own = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => packages.has(name));
    expect(own.sort()).toEqual([
      '@aws-lambda-powertools/logger',
      '@aws-lambda-powertools/metrics',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-sns',
      '@aws-sdk/core',
      '@aws-sdk/credential-provider-env',
      '@aws-sdk/credential-provider-http',
      '@smithy/core',
      '@smithy/node-http-handler',
      'p-map',
    ]);
    expect(stubAliases.filter((alias) => packages.has(alias.split('=')[0]!))).toEqual([]);
  });

  it('reads only the rules file, and uses no randomness, clock or connection, when it starts', async () => {
    const watched = join(import.meta.dirname, 'watched-start.ts');
    const { seen, left } = JSON.parse(await run([watched, join(bundle, 'index.mjs')], keys)) as Record<
      string,
      string[]
    >;

    // Node.js itself reads the code.
    const own = seen!.filter((one) => !one.includes('index.mjs'));
    expect(new Set(own.map((one) => one.replace(/\S*\//, '')))).toEqual(new Set(['readFileSync rules.json']));
    // The pipes are the standard streams.
    expect(left!.filter((one) => one !== 'PipeWrap')).toEqual([]);
  });

  it('fails the batch at the deadline, with a metric and the reason, when the table cannot be reached', async () => {
    const [metric, error] = await send(eventOf([lineOf()]), keys, 1000);

    expect(JSON.parse(metric!)).toMatchObject({ stack: 'test', code: 'DEADLINE_NEAR', BatchesFailed: 1 });
    expect(error).toMatch(/^DEADLINE_NEAR .*ECONNREFUSED/);
  });

  it('retries a request with its trace id when the table fails, and reports the error when the table rejects it', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer(({ headers }, answer) => {
      seen.push(headers);
      const error = { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'no such table' };
      answer.writeHead(seen.length === 1 ? 500 : 400).end(JSON.stringify(seen.length === 1 ? {} : error));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793';
      const lines = await send(eventOf([lineOf()]), {
        ...keys,
        AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_LAMBDA_FUNCTION_NAME: 'detector',
        _X_AMZN_TRACE_ID: trace,
      });
      expect(lines.at(-1)).toMatch(/^COUNT_FAILED .*no such table/);
      expect(seen.map((headers) => headers['amz-sdk-request'])).toEqual([
        expect.stringMatching(/^attempt=1;/),
        expect.stringMatching(/^attempt=2;/),
      ]);
      expect(seen.map((headers) => headers['x-amzn-trace-id'])).toEqual([trace, trace]);
      expect(seen[0]!['user-agent']).toContain(`aws-sdk-js/${sdkVersion} `);
    } finally {
      server.close();
    }
  });

  it('names the supported credentials when there are none', async () => {
    const [, error] = await send(eventOf([lineOf()]), {});

    expect(error).toContain(
      'credentials are missing: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_CONTAINER_CREDENTIALS_FULL_URI, as Lambda sets them',
    );
  });
});

describe('the bundle of the detector on the embedded stack', () => {
  let stack: LocalStack;
  let endpoints: Record<string, string>;

  beforeAll(async () => {
    stack = await startLocalStack();
    const { dynamoDb, sns } = stack.clients;
    endpoints = {
      ...stack.environment,
      AWS_ENDPOINT_URL_DYNAMODB: urlOf(await dynamoDb.config.endpoint!()),
      AWS_ENDPOINT_URL_SNS: urlOf(await sns.config.endpoint!()),
    };
  });
  beforeEach(() => stack.clear());
  afterAll(() => stack.stop());

  async function expectCounted(lines: readonly string[]): Promise<void> {
    expect(JSON.parse(lines.at(-1)!).records).toMatchObject(event.records.map(() => ({ result: 'Ok' })));
    expect(await stack.items()).toContainEqual(
      expect.objectContaining({ pk: { S: 'pair#10.0.1.5#10.0.2.7' }, rejects: { N: '11' } }),
    );
    expect(stack.alerts()).toMatchObject([{ attributes: { rule: 'repeated_rejects' } }]);
  }

  it('counts, alerts and responds when an event arrives', async () => {
    await expectCounted(await send(event, { ...endpoints, ...keys }));
  });

  it('counts an event once when it arrives twice', async () => {
    await send(event, { ...endpoints, ...keys });
    await expectCounted(await send(event, { ...endpoints, ...keys }));
  });

  it('uses container credentials when Lambda provides them, as with SnapStart', async () => {
    const asked: unknown[] = [];
    const expiration = '2099-01-01T00:00:00Z';
    const credentials = { AccessKeyId: 'none', SecretAccessKey: 'none', Token: 'none', Expiration: expiration };
    const server = createServer(({ headers }, answer) => {
      asked.push(headers.authorization);
      answer.end(JSON.stringify(credentials));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/credentials`;
      const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token' };
      await expectCounted(await send(event, { ...endpoints, ...container }));
      expect(new Set(asked)).toEqual(new Set(['token']));
    } finally {
      server.close();
    }
  });
});

function urlOf({ protocol, hostname, port }: { protocol: string; hostname: string; port?: number }): string {
  return `${protocol}//${hostname}:${port}`;
}
