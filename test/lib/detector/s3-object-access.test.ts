import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import type { S3Object } from '../../../lambda/rules/model.ts';
import { grantReadObjects, objectsRead } from '../../../lib/detector/s3-object-access.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { readLists } from '../../support/rules.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

function statementsFor(text: string, geoTable?: S3Object): unknown[] {
  const template = templateWith((stack) => {
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const { lists } = compileRules([], readLists(text, { 'a.csv': '10.0.0.1' }));
    grantReadObjects(role, objectsRead(lists, geoTable));
  });
  return statementsOf(template, idOf(template, 'AWS::IAM::Role'));
}

const arn = (path: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${path}`]] });

describe('grantReadObjects', () => {
  it('allows reading exactly the objects of the lists when lists come from S3', () => {
    expect(
      statementsFor(`
a: {s3: 's3://some-bucket/path/a.csv'}
b: {file: a.csv, s3: 's3://other-bucket/b'}
c: {file: a.csv}
d: [10.0.0.0/8]
`),
    ).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: [arn('other-bucket/b'), arn('some-bucket/path/a.csv')] },
    ]);
  });

  it('allows reading the geo table when there is one', () => {
    expect(statementsFor('d: [10.0.0.0/8]', { bucket: 'some-bucket', key: 'geo.bin' })).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: arn('some-bucket/geo.bin') },
    ]);
  });

  it('allows nothing when no list comes from S3, and there is no geo table', () => {
    expect(statementsFor('a: {file: a.csv}\nb: [10.0.0.0/8]')).toEqual([]);
  });
});
