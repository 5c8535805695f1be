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
import { shapes } from './shapes.ts';
import { buildStack, temporaryDirectory } from './synthesis.ts';

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

/** Returns the resources of a template whose type ends with the text. */
function resourcesOf(template: CloudFormationTemplate, end = '') {
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type.endsWith(end))
    .map(([id, resource]) => ({ id, ...resource, properties: (resource.Properties ?? {}) as Record<string, unknown> }));
}

describe.each(built)('%s', (shape, { stack, template }) => {
  it("meets CloudFormation's resource schemas when it is synthesized", () => {
    expect(schemaProblems(template)).toEqual([]);
  });

  it('has no custom resource, and fewer than 80 resources without context when flow logs come from one source', () => {
    const types = resourcesOf(template).map(({ Type }) => Type);

    if (shape !== 'everything') expect(types.length).toBeLessThan(shape === 'context' ? 90 : 80);
    expect(types.filter((type) => /^(?:Custom::|AWS::CloudFormation::CustomResource)/.test(type))).toEqual([]);
  });

  it('meets every AwsSolutions rule when accepted findings are excluded', () => {
    expect(unaccepted(nagFindings(stack), acceptedByNag)).toEqual([]);
  });

  it('allows no wildcard action, and all resources only when the service has no resource names', () => {
    const allowed = policyStatements(template).filter(({ effect }) => effect === 'Allow');

    expect(allowed.length).toBeGreaterThan(0);
    expect(allowed.flatMap(({ actions }) => actions.filter((action) => action.includes('*')))).toEqual([]);
    expect(allowed.filter(({ resources, ...one }) => resources.includes('*') && !isNameless(one))).toEqual([]);
  });

  it('allows resources by a wildcard only when another service names them', () => {
    const parts = policyStatements(template)
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ resources }) => resources.filter((resource) => resource !== '*' && resource.includes('*')));

    expect(parts.filter((part) => !namedByOthers.some((pattern) => pattern.test(part)))).toEqual([]);
  });

  it('attaches no managed policy when it creates roles', () => {
    const managed = resourcesOf(template, 'IAM::Role').filter(({ properties }) => properties.ManagedPolicyArns);
    expect(managed).toEqual([]);
  });

  it('has no secret when the function has environment variables', () => {
    const variables = resourcesOf(template, 'Lambda::Function').flatMap(({ properties }) =>
      Object.entries((properties.Environment as { Variables: Record<string, unknown> }).Variables),
    );

    expect(variables.length).toBeGreaterThan(0);
    expect(variables.filter(([name]) => /SECRET|PASSWORD|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i.test(name))).toEqual([]);
    expect(variables.filter(([, value]) => /\{\{resolve:|AKIA[0-9A-Z]{16}/.test(textOf(value)))).toEqual([]);
  });

  it('denies access to its topics, bucket and queue when the connection has no TLS', () => {
    const refused = policyStatements(template)
      .filter(({ effect }) => effect === 'Deny')
      .filter(({ condition }) => JSON.stringify(condition) === '{"Bool":{"aws:SecureTransport":"false"}}')
      .flatMap(({ resources }) => resources);

    const topics = resourcesOf(template, 'SNS::Topic').map(({ id }) => `<${id}>`);
    const buckets = resourcesOf(template, 'S3::Bucket').flatMap(({ id }) => [`<${id}.Arn>`, `<${id}.Arn>/*`]);
    const queues = resourcesOf(template, 'SQS::Queue').map(({ id }) => `<${id}.Arn>`);
    expect(refused.sort()).toEqual([...topics, ...buckets, ...queues].sort());
  });
});

it.each(built)('%s: encrypts queues with a key of SQS, which EventBridge may use', (_, { template }) => {
  const queues = resourcesOf(template, 'SQS::Queue').map(({ properties }) => properties);

  expect(queues.length).toBeGreaterThan(0);
  for (const queue of queues) {
    expect(queue).toMatchObject({ SqsManagedSseEnabled: true });
    expect(queue).not.toHaveProperty('KmsMasterKeyId');
  }
});

describe.each(shapesOf('own'))('%s: encryption', (_, { template }) => {
  const [key] = resourcesOf(template, 'KMS::Key');
  const arn = { 'Fn::GetAtt': [key!.id, 'Arn'] };

  it('creates one key with yearly rotation when encryption is own', () => {
    expect(resourcesOf(template, 'KMS::Key')).toHaveLength(1);
    expect(key!.properties.EnableKeyRotation).toBe(true);
  });

  it.each([
    ['DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: arn, SSEEnabled: true } }],
    ['KinesisFirehose::DeliveryStream', { DeliveryStreamEncryptionConfigurationInput: { KeyARN: arn } }],
    ['SNS::Topic', { KmsMasterKeyId: arn }],
    ['Logs::LogGroup', { KmsKeyId: arn }],
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
  ])('encrypts every %s with the key when encryption is own', (type, expected) => {
    for (const { properties } of resourcesOf(template, type)) expect(properties).toMatchObject(expected);
  });

  it('leaves the names of log groups to CloudFormation when the key policy names them by the stack', () => {
    const named = resourcesOf(template, 'Logs::LogGroup').filter(({ properties }) => properties.LogGroupName);
    expect(named).toEqual([]);
  });
});

describe.each(shapesOf(undefined))('%s: encryption', (_, { template }) => {
  it('uses keys of AWS and creates none when encryption is aws', () => {
    expect(resourcesOf(template, 'KMS::Key')).toEqual([]);
    for (const { properties } of resourcesOf(template, 'KinesisFirehose::DeliveryStream')) {
      expect(properties.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: 'AWS_OWNED_CMK' });
    }
    const alerts = resourcesOf(template, 'SNS::Topic').filter(({ id }) => id.startsWith('AlertTopic'));
    expect(alerts.map(({ properties }) => properties.KmsMasterKeyId)).toEqual(['alias/aws/sns']);
  });
});

describe('deletion', () => {
  const retained = /(?:DynamoDB::Table|S3::Bucket|S3::BucketPolicy|SNS::Topic|SNS::TopicPolicy|KMS::Key)$/;

  it.each(built.filter(([shape]) => shape !== 'unprotected'))(
    '%s: retains stored data when the stack is deleted, except when its creation fails',
    (_, { template }) => {
      for (const { DeletionPolicy, UpdateReplacePolicy } of resourcesOf(template).filter(({ Type }) =>
        retained.test(Type),
      )) {
        expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
      }
    },
  );

  it('deletes every resource when the stack is unprotected', () => {
    const { template } = Object.fromEntries(built).unprotected!;

    // A log stream goes with its log group.
    const left = resourcesOf(template).filter(({ Type, DeletionPolicy }) => {
      return DeletionPolicy?.startsWith('Retain') && Type !== 'AWS::Logs::LogStream';
    });
    expect(left).toEqual([]);
  });

  it.each(built)('%s: protects no resource from the rollback of its own creation', (_, { template }) => {
    const protectedFromDeletion = resourcesOf(template).filter(({ properties }) =>
      Object.entries(properties).some(([name, value]) => /^DeletionProtection/.test(name) && value !== false),
    );
    expect(protectedFromDeletion).toEqual([]);
  });
});

describe('Control Tower', () => {
  const found = guardFindings(built.map(([, { file }]) => file));

  it('meets every Control Tower rule when accepted findings are excluded', () => {
    expect(unaccepted(found, acceptedByGuard)).toEqual([]);
  });

  it('has a finding for each accepted one when Control Tower and cdk-nag rules are checked', () => {
    const byNag = built.flatMap(([, { stack }]) => nagFindings(stack));
    expect(unused(found, acceptedByGuard)).toEqual([]);
    expect(unused(byNag, acceptedByNag)).toEqual([]);
  });

  it('reports a bucket when it is open to the public', () => {
    const file = join(temporaryDirectory(), 'open.template.json');
    writeFileSync(file, JSON.stringify({ Resources: { Open: { Type: 'AWS::S3::Bucket', Properties: {} } } }));
    expect(guardFindings([file])).toContainEqual({ rule: 'CT.S3.PR.1', where: 'Open' });
  });
});

describe('an upgrade', () => {
  const file = join(import.meta.dirname, 'logical-ids.golden.json');
  const found = built.map(([shape, { template }]) => [shape, identities(template)] as const);
  const all: Record<string, unknown> = Object.assign({}, ...found.map(([, ids]) => ids));
  // Entries of the file are deployed in accounts: new ones are added, existing ones never change.
  if (process.env.UPDATE_GOLDEN === '1') {
    const sorted = Object.entries({ ...all, ...readGolden() }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
  }
  const golden = readGolden();

  function readGolden(): Record<string, unknown> {
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  it.each(found)(
    'replaces no resource with data or an address when an upgrade or a setting changes the stack: %s',
    (_, ids) => {
      for (const [id, identity] of Object.entries(ids)) expect([id, identity]).toEqual([id, golden[id]]);
    },
  );

  it('contains every recorded resource when the stack is upgraded; UPDATE_GOLDEN=1 adds new ones', () => {
    expect(Object.keys(all).sort()).toEqual(Object.keys(golden));
  });
});

/**
 * Returns the logical ids of resources with data or with an address that others know, each with its type and with those
 * of its properties whose change replaces the resource.
 */
function identities(template: CloudFormationTemplate): Record<string, unknown> {
  const types = ['DynamoDB::Table', 'S3::Bucket', 'SNS::Topic', 'KMS::Key', 'KinesisFirehose::DeliveryStream'];
  return Object.fromEntries(
    types.flatMap((type) =>
      resourcesOf(template, type).map(({ id, Type, properties }) => {
        const replacing = Object.entries(resourceSpec(Type)!.properties).filter(([, one]) => one.causesReplacement);
        const present = replacing.filter(([name]) => name in properties).map(([name]) => [name, properties[name]]);
        return [id, { Type, ...Object.fromEntries(present) }];
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

/** Returns whether AWS has no resource names: a key policy is about its key only, and traces belong to the account. */
function isNameless({ type, actions }: { readonly type: string; readonly actions: readonly string[] }): boolean {
  const unnamed = [
    'ec2:DescribeInstances',
    'ec2:DescribeNetworkAcls',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeRouteTables',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ];
  return type === 'AWS::KMS::Key' || actions.every((action) => unnamed.includes(action));
}

/** Objects that Firehose names. */
const namedByOthers = [/^<LakeBucket\w+\.Arn>\/(?:flows|errors)\/\*$/];
