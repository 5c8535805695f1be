import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { CounterTable } from '../../../lib/detector/counter-table.ts';
import { LakeBucket } from '../../../lib/lake/lake-bucket.ts';
import { AlertTopic } from '../../../lib/notifications/alert-topic.ts';
import { CustomerManagedKey } from '../../../lib/security/customer-managed-key.ts';
import type { CloudFormationTemplate } from '../cloudformation-schema.ts';
import { lakeProps } from '../lakes.ts';
import { policyStatements, textOf } from '../policy-statements.ts';
import { idOf, templateWith } from '../synthesis.ts';

const account = 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root';
const template = templateWith((stack) => {
  const encryptionKey = new CustomerManagedKey(stack, 'Key', { protect: true });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  new CounterTable(stack, 'Table', { encryptionKey }).grantCount(role);
  new AlertTopic(stack, 'Topic', { emails: [], encryptionKey }).grantPublish(role);
  new LakeBucket(stack, 'Lake', { ...lakeProps, encryptionKey }).grantDeliver(role);
});
const statements = policyStatements(template.toJSON() as CloudFormationTemplate);
const ofKey = statements.filter(({ type }) => type === 'AWS::KMS::Key');
const forRole = statements.filter(({ type, actions }) => type === 'AWS::IAM::Policy' && /^kms:/.test(actions[0]!));

/** Returns a part of a statement with references as text. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  const text = textOf(value);
  if (typeof value !== 'object' || value === null || !text.startsWith('{')) return text;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, flat(one)]));
}

/** Returns the principals and conditions for which the key policy allows an action. */
function allowed(action: string): unknown[] {
  const allowing = ofKey.filter(({ effect, actions }) => effect === 'Allow' && actions.includes(action));
  return allowing.map(({ principal, condition }) => [flat(principal), condition && flat(condition)]);
}

describe('CustomerManagedKey', () => {
  it('allows decryption only when a storing service, a log of the stack or an alarm uses the key', () => {
    const through = ['dynamodb', 's3', 'sns'].map((service) => `${service}.<AWS::Region>.amazonaws.com`);
    expect(allowed('kms:Decrypt')).toEqual([
      [{ AWS: account }, { StringEquals: { 'kms:ViaService': through } }],
      [
        { Service: 'logs.<AWS::Region>.amazonaws.com' },
        {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn':
              'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:Test-*',
          },
        },
      ],
      [
        { Service: 'cloudwatch.amazonaws.com' },
        {
          StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
          ArnLike: { 'aws:SourceArn': 'arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*' },
        },
      ],
    ]);
  });

  it('allows grants only when an AWS service gets them', () => {
    const forServices = { Bool: { 'kms:GrantIsForAWSResource': 'true' } };
    expect(allowed('kms:CreateGrant')).toEqual([[{ AWS: account }, forServices]]);
    expect(ofKey.filter(({ effect }) => effect === 'Deny')).toMatchObject([
      {
        actions: ['kms:CreateGrant'],
        principal: { AWS: '*' },
        condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
      },
    ]);
  });

  it('allows management when IAM allows it, so that nobody is locked out', () => {
    for (const action of ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:EnableKeyRotation']) {
      expect(allowed(action)).toEqual([[{ AWS: account }, undefined]]);
    }
  });

  it('allows a role each use only through its service when the use is granted', () => {
    const bucket = `<${idOf(template, 'AWS::S3::Bucket')}.Arn>`;
    const arn = `<${idOf(template, 'AWS::KMS::Key')}.Arn>`;
    const uses = forRole.map(({ resources, actions, condition }) => [resources, actions.length, flat(condition)]);

    expect(uses).toEqual([
      [[arn], 7, { StringEquals: { 'kms:ViaService': 'dynamodb.<AWS::Region>.amazonaws.com' } }],
      [[arn], 2, { StringEquals: { 'kms:ViaService': 'sns.<AWS::Region>.amazonaws.com' } }],
      [
        [arn],
        2,
        {
          StringEquals: { 'kms:ViaService': 's3.<AWS::Region>.amazonaws.com' },
          StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucket, `${bucket}/*`] },
        },
      ],
    ]);
    expect(forRole.flatMap(({ actions }) => actions)).not.toContain('kms:CreateGrant');
  });

  it('is deleted with the stack when it is unprotected', () => {
    const unprotected = templateWith((stack) => new CustomerManagedKey(stack, 'Key', { protect: false }));

    unprotected.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });
});
