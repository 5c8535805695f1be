import { describe, expect, it } from 'vitest';
import { schemaProblems } from './cloudformation-schema.ts';

const keySchema = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] };

/** Returns the problems of a template with one table, without the list of valid names. */
function problemsOf(properties: Record<string, unknown>, attributes: Record<string, unknown> = {}): string[] {
  const table = { Type: 'AWS::DynamoDB::Table', Properties: properties, ...attributes };
  return schemaProblems({ Resources: { Table: table } }).map((line) => line.replace(/, expected one of .*/, ''));
}

describe('schemaProblems', () => {
  it('returns no problem when a resource is valid', () => {
    const properties = {
      ...keySchema,
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: { Ref: 'AWS::StackName' }, Enabled: true },
      Tags: [{ Key: 'a', Value: 'b' }],
    };
    expect(problemsOf(properties, { DeletionPolicy: 'Retain' })).toEqual([]);
  });

  it('names the property when its name is misspelt', () => {
    expect(problemsOf({ ...keySchema, DeletionProtection: true })).toEqual([
      'Table (AWS::DynamoDB::Table): DeletionProtection is not a property',
    ]);
    expect(problemsOf({ ...keySchema, SSESpecification: { SSEEnabled: true, KmsMasterKeyId: 'x' } })).toEqual([
      'Table (AWS::DynamoDB::Table).SSESpecification: KmsMasterKeyId is not a property',
    ]);
    expect(problemsOf(keySchema, { DeletePolicy: 'Retain' })).toEqual([
      'Table (AWS::DynamoDB::Table): DeletePolicy is not an attribute of a resource',
    ]);
  });

  it('names the property when a required one is missing at any depth', () => {
    expect(problemsOf({})).toEqual(['Table (AWS::DynamoDB::Table): KeySchema is missing']);
    expect(problemsOf({ ...keySchema, TimeToLiveSpecification: { AttributeName: 'expiresAt' } })).toEqual([
      'Table (AWS::DynamoDB::Table).TimeToLiveSpecification: Enabled is missing',
    ]);
  });

  it('names the value when its type is wrong', () => {
    expect(problemsOf({ ...keySchema, DeletionProtectionEnabled: 'yes' })).toEqual([
      'Table (AWS::DynamoDB::Table).DeletionProtectionEnabled: expected true or false, got "yes"',
    ]);
    expect(problemsOf({ ...keySchema, Tags: [{ Key: 'a', Valeu: 'b' }] })).toEqual([
      'Table (AWS::DynamoDB::Table).Tags[0]: expected a tag with Key and Value, got {"Key":"a","Valeu":"b"}',
    ]);
    expect(problemsOf({ ...keySchema, TableName: 5 })).toEqual([
      'Table (AWS::DynamoDB::Table).TableName: expected a text, got 5',
    ]);
  });

  it('names the allowed values when a value is not in the enumeration', () => {
    const stream = {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: { DeliveryStreamEncryptionConfigurationInput: { KeyType: 'OWN_CMK' } },
    };
    expect(schemaProblems({ Resources: { Stream: stream } })).toEqual([
      'Stream (AWS::KinesisFirehose::DeliveryStream).DeliveryStreamEncryptionConfigurationInput.KeyType: expected one of AWS_OWNED_CMK, CUSTOMER_MANAGED_CMK, got "OWN_CMK"',
    ]);
  });

  it('names the target when a type, reference or attribute does not exist', () => {
    expect(schemaProblems({ Resources: { Table: { Type: 'AWS::DynamoDB::Tabel' } } })).toEqual([
      'Table: there is no type AWS::DynamoDB::Tabel',
    ]);
    expect(problemsOf({ ...keySchema, TableName: { Ref: 'Nobody' } })).toEqual([
      'Table (AWS::DynamoDB::Table): Ref to Nobody, which is not in the template',
    ]);
    expect(problemsOf({ ...keySchema, TableName: { 'Fn::GetAtt': ['Table', 'Name'] } })).toEqual([
      'Table (AWS::DynamoDB::Table): AWS::DynamoDB::Table has no attribute Name',
    ]);
    expect(problemsOf({ ...keySchema, TableName: { 'Fn::GetAtt': 'Table.Arn' } })).toEqual([]);
  });
});
