import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import type { IPolicyValidationContext, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { type AcceptedFinding, acceptedByGuard, acceptedByNag } from './accepted-findings.ts';
import { type CloudFormationTemplate, resourceSpec, schemaProblems } from './cloudformation-schema.ts';
import { policyStatements, textOf } from './policy-statements.ts';
import { buildStack, temporaryDirectory } from './synthesis.ts';

const logged = { vpcIds: 'vpc-0123456789abcdef0', monitoredNetworks: '10.0.0.0/16' };
const emails = { alertEmails: 'security@example.com', operationsEmails: 'operations@example.com' };

/** The settings whose stacks differ in what they are made of. */
const shapes: Record<string, Record<string, unknown>> = {
  default: {},
  'default with flow logs and mail': { ...logged, ...emails },
  'own key': { encryption: 'own', ...logged, ...emails },
  'JSON lake, kept for ever': { lakeFormat: 'json', lakeColdAfterDays: '0', lakeExpireAfterDays: '0' },
  'JSON lake with an own key': { lakeFormat: 'json', encryption: 'own', ...logged },
  'lake by account': { lakePartition: 'account', ...logged },
  'capacity bought ahead': { provisionedWrites: '{"min": 1000, "max": 6000}' },
  'log groups only': { logGroups: '[{"name": "flow-logs"}]', tracing: 'true' },
  unprotected: { protect: false, encryption: 'own' },
  everything: {
    ...logged,
    ...emails,
    encryption: 'own',
    lakePartition: 'vpc',
    tracing: 'true',
    warmWrites: '8000',
    logGroups: '[{"name": "flow-logs"}]',
    senderAccountIds: '123456789012',
    subnetIds: 'subnet-0123456789abcdef0',
    networkInterfaceIds: 'eni-0123456789abcdef0',
    transitGatewayIds: 'tgw-0123456789abcdef0',
  },
};

interface Built {
  readonly stack: Stack;
  readonly template: CloudFormationTemplate;
  readonly file: string;
}

const built = Object.entries(shapes).map(([shape, context]): [string, Built] => {
  const directory = temporaryDirectory();
  const stack = buildStack({ context, directory });
  const template = Template.fromStack(stack).toJSON() as CloudFormationTemplate;
  return [shape, { stack, template, file: join(directory, `${stack.stackName}.template.json`) }];
});

const shapesOf = (encryption: unknown) => built.filter(([shape]) => shapes[shape]!.encryption === encryption);

/** The resources of a template, of the types whose name ends so. */
function resourcesOf(template: CloudFormationTemplate, end = '') {
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type.endsWith(end))
    .map(([id, resource]) => ({ id, ...resource, properties: (resource.Properties ?? {}) as Record<string, unknown> }));
}

describe.each(built)('%s', (shape, { stack, template }) => {
  it("has every resource as CloudFormation's schemas have it", () => {
    expect(schemaProblems(template)).toEqual([]);
  });

  it('has no custom resource, and of others fewer than 60 where flow logs come in by one way', () => {
    const types = resourcesOf(template).map(({ Type }) => Type);

    if (shape !== 'everything') expect(types.length).toBeLessThan(60);
    expect(types.filter((type) => /^(?:Custom::|AWS::CloudFormation::CustomResource)/.test(type))).toEqual([]);
  });

  it('breaks no rule of AwsSolutions but those that are accepted', () => {
    expect(unaccepted(nagFindings(stack), acceptedByNag)).toEqual([]);
  });

  it('allows no action by a wildcard, and all of a service only where it has no names', () => {
    const allowed = policyStatements(template).filter(({ effect }) => effect === 'Allow');

    expect(allowed.length).toBeGreaterThan(0);
    expect(allowed.flatMap(({ actions }) => actions.filter((action) => action.includes('*')))).toEqual([]);
    expect(allowed.filter(({ resources, ...one }) => resources.includes('*') && !isNameless(one))).toEqual([]);
  });

  it('allows resources by a part of their name only where others give the rest', () => {
    const parts = policyStatements(template)
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ resources }) => resources.filter((resource) => resource !== '*' && resource.includes('*')));

    expect(parts.filter((part) => !namedByOthers.some((pattern) => pattern.test(part)))).toEqual([]);
  });

  it('gives its roles no policy of others', () => {
    const managed = resourcesOf(template, 'IAM::Role').filter(({ properties }) => properties.ManagedPolicyArns);
    expect(managed).toEqual([]);
  });

  it('has no secret in an environment', () => {
    const variables = resourcesOf(template, 'Lambda::Function').flatMap(({ properties }) =>
      Object.entries((properties.Environment as { Variables: Record<string, unknown> }).Variables),
    );

    expect(variables.length).toBeGreaterThan(0);
    expect(variables.filter(([name]) => /SECRET|PASSWORD|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i.test(name))).toEqual([]);
    expect(variables.filter(([, value]) => /\{\{resolve:|AKIA[0-9A-Z]{16}/.test(textOf(value)))).toEqual([]);
  });

  it('is reached over TLS only: its topics and its bucket', () => {
    const refused = policyStatements(template)
      .filter(({ effect }) => effect === 'Deny')
      .filter(({ condition }) => JSON.stringify(condition) === '{"Bool":{"aws:SecureTransport":"false"}}')
      .flatMap(({ resources }) => resources);

    const topics = resourcesOf(template, 'SNS::Topic').map(({ id }) => `<${id}>`);
    const buckets = resourcesOf(template, 'S3::Bucket').flatMap(({ id }) => [`<${id}.Arn>`, `<${id}.Arn>/*`]);
    expect(refused.sort()).toEqual([...topics, ...buckets].sort());
  });
});

describe.each(shapesOf('own'))('%s: encryption', (_, { template }) => {
  const [key] = resourcesOf(template, 'KMS::Key');
  const arn = { 'Fn::GetAtt': [key!.id, 'Arn'] };

  it('is by one key that gets new material each year', () => {
    expect(resourcesOf(template, 'KMS::Key')).toHaveLength(1);
    expect(key!.properties.EnableKeyRotation).toBe(true);
  });

  it.each([
    ['DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: arn, SSEEnabled: true } }],
    ['KinesisFirehose::DeliveryStream', { DeliveryStreamEncryptionConfigurationInput: { KeyARN: arn } }],
    ['SNS::Topic', { KmsMasterKeyId: arn }],
    ['Logs::LogGroup', { KmsKeyId: arn }],
    ['SQS::Queue', { KmsMasterKeyId: arn }],
    [
      'S3::Bucket',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: { KMSMasterKeyID: arn, SSEAlgorithm: 'aws:kms' },
            },
          ],
        },
      },
    ],
  ])('is of every %s', (type, expected) => {
    for (const { properties } of resourcesOf(template, type)) expect(properties).toMatchObject(expected);
  });

  it('is allowed for the logs of this stack: their names are left to CloudFormation', () => {
    const named = resourcesOf(template, 'Logs::LogGroup').filter(({ properties }) => properties.LogGroupName);
    expect(named).toEqual([]);
  });
});

describe.each(shapesOf(undefined))('%s: encryption', (_, { template }) => {
  it('is by keys of AWS, and makes none', () => {
    expect(resourcesOf(template, 'KMS::Key')).toEqual([]);
    for (const { properties } of resourcesOf(template, 'KinesisFirehose::DeliveryStream')) {
      expect(properties.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: 'AWS_OWNED_CMK' });
    }
    const alerts = resourcesOf(template, 'SNS::Topic').filter(({ id }) => id.startsWith('AlertTopic'));
    expect(alerts.map(({ properties }) => properties.KmsMasterKeyId)).toEqual(['alias/aws/sns']);
  });
});

describe('deletion', () => {
  const kept = /(?:DynamoDB::Table|S3::Bucket|S3::BucketPolicy|SNS::Topic|SNS::TopicPolicy|KMS::Key)$/;

  it.each(built.filter(([shape]) => shape !== 'unprotected'))('%s: spares what holds history', (_, { template }) => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of resourcesOf(template).filter(({ Type }) => kept.test(Type))) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    for (const { properties } of resourcesOf(template, 'DynamoDB::Table')) {
      expect(properties.DeletionProtectionEnabled).toBe(true);
    }
  });

  it('takes all of an unprotected stack', () => {
    const { template } = Object.fromEntries(built).unprotected!;

    // A log stream goes with its log group.
    const left = resourcesOf(template).filter(({ Type, DeletionPolicy }) => {
      return DeletionPolicy === 'Retain' && Type !== 'AWS::Logs::LogStream';
    });
    expect(left).toEqual([]);
    for (const { properties } of resourcesOf(template, 'DynamoDB::Table')) {
      expect(properties.DeletionProtectionEnabled).toBe(false);
    }
  });
});

describe('Control Tower', () => {
  const found = guardFindings(built.map(([, { file }]) => file));

  it('has no rule that is broken but those that are accepted', () => {
    expect(unaccepted(found, acceptedByGuard)).toEqual([]);
  });

  it('has a broken rule for each that is accepted, and cdk-nag too', () => {
    const byNag = built.flatMap(([, { stack }]) => nagFindings(stack));
    expect(unused(found, acceptedByGuard)).toEqual([]);
    expect(unused(byNag, acceptedByNag)).toEqual([]);
  });

  it('sees a bucket that is open to the public', () => {
    const file = join(temporaryDirectory(), 'open.template.json');
    writeFileSync(file, JSON.stringify({ Resources: { Open: { Type: 'AWS::S3::Bucket', Properties: {} } } }));
    expect(guardFindings([file])).toContainEqual({ rule: 'CT.S3.PR.1', where: 'Open' });
  });
});

describe('an upgrade', () => {
  const file = join(import.meta.dirname, 'logical-ids.golden.json');
  const found = built.map(([shape, { template }]) => [shape, identities(template)] as const);
  const all: Record<string, unknown> = Object.assign({}, ...found.map(([, ids]) => ids));
  // What is in the file is in accounts: it is added to, and never changed.
  if (process.env.UPDATE_GOLDEN === '1') {
    const sorted = Object.entries({ ...all, ...readGolden() }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
  }
  const golden = readGolden();

  function readGolden(): Record<string, unknown> {
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  it.each(found)('replaces nothing that holds data or has an address, nor does a setting: %s', (_, ids) => {
    for (const [id, identity] of Object.entries(ids)) expect([id, identity]).toEqual([id, golden[id]]);
  });

  it('finds all that there was before; UPDATE_GOLDEN=1 adds what is new', () => {
    expect(Object.keys(all).sort()).toEqual(Object.keys(golden));
  });
});

/**
 * The logical ids of what holds data, or has an address that others know, each with its type and the properties that
 * replace it when they change, so far as they are said.
 */
function identities(template: CloudFormationTemplate): Record<string, unknown> {
  const types = ['DynamoDB::Table', 'S3::Bucket', 'SNS::Topic', 'KMS::Key', 'KinesisFirehose::DeliveryStream'];
  return Object.fromEntries(
    types.flatMap((type) =>
      resourcesOf(template, type).map(({ id, Type, properties }) => {
        const replacing = Object.entries(resourceSpec(Type)!.properties).filter(([, one]) => one.causesReplacement);
        const said = replacing.filter(([name]) => name in properties).map(([name]) => [name, properties[name]]);
        return [id, { Type, ...Object.fromEntries(said) }];
      }),
    ),
  );
}

interface Finding {
  readonly rule: string;
  readonly where: string;
}

function nagFindings(stack: Stack): Finding[] {
  return new AwsSolutionsChecks().validateScope(stack).violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({
      rule: ruleName,
      where: constructPath!.slice(stack.node.path.length + 1),
    })),
  );
}

function guardFindings(templatePaths: readonly string[]): Finding[] {
  const report = new CfnGuardValidator().validate({ templatePaths } as unknown as IPolicyValidationContext);
  return report.violations.flatMap(({ description, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => ({
      rule: /^\[(CT[\w.]+)\]/.exec(description)![1]!,
      where: resourceLogicalId!,
    })),
  );
}

function accepts({ rule, where }: AcceptedFinding, finding: Finding): boolean {
  return rule.test(finding.rule) && where.test(finding.where);
}

function unaccepted(findings: readonly Finding[], accepted: readonly AcceptedFinding[]): Finding[] {
  return findings.filter((finding) => !accepted.some((one) => accepts(one, finding)));
}

function unused(findings: readonly Finding[], accepted: readonly AcceptedFinding[]): AcceptedFinding[] {
  return accepted.filter((one) => !findings.some((finding) => accepts(one, finding)));
}

/** Where AWS knows no names: a key's policy is about that key alone, and traces belong to the account. */
function isNameless({ type, actions }: { readonly type: string; readonly actions: readonly string[] }): boolean {
  const unnamed = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
  return type === 'AWS::KMS::Key' || actions.every((action) => unnamed.includes(action));
}

/** Objects that Firehose names, by their prefix. */
const namedByOthers = [/^<LakeBucket\w+\.Arn>\/(?:flows|errors)\/\*$/];
