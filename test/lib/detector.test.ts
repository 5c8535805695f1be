import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentNames, readConfig } from '../../lambda/config.ts';
import { defaultFormat, parseFormat } from '../../lambda/core/format.ts';
import { compileRuleDirectory } from '../../lambda/io/rule-directory.ts';
import { logFields } from '../../lib/log-format.ts';
import { idOf, statementsOf, synthesize, temporaryDirectory } from './synthesis.ts';

const root = join(import.meta.dirname, '../..');
const directory = temporaryDirectory();
const template = synthesize({ directory, bundled: true });

const type = 'AWS::Lambda::Function';
const id = idOf(template, type);
const { Properties: detector } = template.findResources(type)[id]!;
const { Variables: variables } = detector.Environment;
const role = idOf(template, 'AWS::IAM::Role', 'Detector');
const topic = idOf(template, 'AWS::SNS::Topic', 'AlertTopic');
const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'Detector');

describe('detector', () => {
  it('runs on Node.js 24 and Graviton, for as long as Firehose waits', () => {
    expect(detector).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1024,
      Timeout: 300,
    });
  });

  it('may count, publish alerts and write its log, and nothing else', () => {
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::DynamoDB::Table'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
    ]);
    expect(detector.Role).toEqual({ 'Fn::GetAtt': [role, 'Arn'] });
    expect(Object.keys(template.findResources('AWS::IAM::Role')[role]!.Properties)).toEqual([
      'AssumeRolePolicyDocument',
    ]);
  });

  it('is not traced, and where it is may write traces and do nothing else', () => {
    const traced = synthesize({ context: { tracing: 'true' } });

    const [{ Properties: properties }] = Object.values(traced.findResources(type)) as [{ Properties: unknown }];
    expect(detector.TracingConfig).toBeUndefined();
    expect(properties).toMatchObject({ TracingConfig: { Mode: 'Active' } });
    const before = statementsOf(template, role).map((statement) => JSON.stringify(statement));
    const added = statementsOf(traced, role).filter((statement) => !before.includes(JSON.stringify(statement)));
    expect(added).toEqual([
      { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' },
    ]);
  });

  it('logs to a group of its own, for a month', () => {
    expect(detector.LoggingConfig).toEqual({ LogGroup: { Ref: logGroup } });
    expect(template.findResources('AWS::Logs::LogGroup')[logGroup]!.Properties).toEqual({ RetentionInDays: 30 });
  });

  it('is told its table, its topic, its stack, how long counters are kept and how many messages may go', () => {
    expect(variables).toMatchObject({
      [environmentNames.tableName]: { Ref: idOf(template, 'AWS::DynamoDB::Table') },
      [environmentNames.topicArn]: { Ref: topic },
      [environmentNames.stackName]: 'FlowSentinel',
      [environmentNames.retentionDays]: '30',
      [environmentNames.messagesPerBatch]: '20',
      [environmentNames.messagesPerMinute]: '60',
    });
  });

  it('is told our format, and the default one for flow logs that exist already', () => {
    const formats = (variables[environmentNames.formats] as string).split('\n');

    expect(formats).toEqual([logFields.join(' '), defaultFormat]);
    expect(formats.map(parseFormat)).toMatchObject([{ names: logFields }, { names: defaultFormat.split(' ') }]);
  });

  it('is told the formats of the context instead of the default one', () => {
    const ofContext = synthesize({ context: { logFormats: 'version srcaddr dstaddr', retentionDays: '400' } });

    ofContext.hasResourceProperties(type, {
      Environment: {
        Variables: {
          [environmentNames.formats]: `${logFields.join(' ')}\nversion srcaddr dstaddr`,
          [environmentNames.retentionDays]: '400',
        },
      },
    });
  });

  it('fails when formats cannot be told apart', () => {
    const logFormats = ['version srcaddr dstaddr', 'version dstaddr srcaddr'];

    expect(() => synthesize({ context: { logFormats } })).toThrow('formats 2 and 3 cannot be told apart');
  });
});

describe("the detector's bundle", () => {
  const bundle = join(directory, `asset.${(detector.Code.S3Key as string).replace('.zip', '')}`);

  /** Runs a program in a process of its own, with what Lambda gives the function and no more. */
  function run(program: string): string {
    const environment = {
      [environmentNames.tableName]: 'counters',
      [environmentNames.topicArn]: 'arn:aws:sns:eu-central-1:123456789012:alerts',
      [environmentNames.stackName]: 'test',
      [environmentNames.formats]: variables[environmentNames.formats],
      [environmentNames.retentionDays]: variables[environmentNames.retentionDays],
      [environmentNames.rulesFile]: variables[environmentNames.rulesFile],
      NODE_OPTIONS: variables.NODE_OPTIONS,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      // Nothing listens there.
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    };
    expect(() => readConfig(environment)).not.toThrow();
    const options = { cwd: root, env: environment, encoding: 'utf8', timeout: 20_000 } as const;
    const load = `const bundle = await import(${JSON.stringify(join(bundle, 'index.mjs'))});`;
    return execFileSync(process.execPath, ['--input-type=module', '--eval', `${load} ${program}`], options).trim();
  }

  it('has the code, its source map and the compiled rules, and nothing else', () => {
    expect(readdirSync(bundle).sort()).toEqual(['index.mjs', 'index.mjs.map', 'rules.json']);
  });

  it('has a budget: what is loaded at each cold start is at most 491,000 bytes', () => {
    expect(statSync(join(bundle, 'index.mjs')).size).toBeLessThanOrEqual(491_000);
  });

  it('has the rules of rules/', () => {
    expect(JSON.parse(readFileSync(join(bundle, 'rules.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(compileRuleDirectory())),
    );
  });

  it('has no package that only development needs', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { sources } = JSON.parse(readFileSync(join(bundle, 'index.mjs.map'), 'utf8')) as { sources: string[] };

    const packages = new Set(
      sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    expect(packages).toContain('@aws-sdk/client-dynamodb');
    expect(Object.keys(devDependencies).filter((name) => packages.has(name))).toEqual([]);
  });

  it('starts, and exports the handler', () => {
    expect(run('console.log(Object.keys(bundle).join())')).toBe('handler');
  });

  it('fails the batch, so that it comes again, and says so, when the table cannot be reached', () => {
    const line =
      '2 123456789012 eni-0123456789abcdef0 10.0.0.1 10.0.0.2 49152 443 6 1 40 1764000000 1764000060 ACCEPT OK';
    const records = [{ recordId: '1', data: Buffer.from(line).toString('base64') }];
    const said = run(`
      const context = { getRemainingTimeInMillis: () => 300_000 };
      const answer = bundle.handler(${JSON.stringify({ records })}, context);
      await answer.catch((error) => console.log(error.code, error.message));
    `);

    const [metric, error] = said.split('\n');
    expect(JSON.parse(metric!)).toMatchObject({ stack: 'test', code: 'COUNT_FAILED', BatchesFailed: 1 });
    expect(error).toMatch(/^COUNT_FAILED .*ECONNREFUSED/);
  });
});
