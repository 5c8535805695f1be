import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { LakeBucket } from '../../../lib/lake/lake-bucket.ts';
import { LakeCatalog } from '../../../lib/lake/lake-catalog.ts';
import { savedQueries } from '../../../lib/queries/athena-saved-queries.ts';
import { LakeQueries } from '../../../lib/queries/lake-queries.ts';
import { inBucket, lakeProps } from '../lakes.ts';
import { idOf, templateWith } from '../synthesis.ts';

const template = templateWith((stack) => {
  const lake = new LakeBucket(stack, 'LakeBucket', lakeProps);
  new LakeQueries(stack, 'LakeQueries', { lake, catalog: new LakeCatalog(stack, 'LakeCatalog', { lake }) });
});

describe('LakeQueries', () => {
  it('creates a workgroup with encrypted results in the lake and a limit of a terabyte when there is no key', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'Test',
      RecursiveDeleteOption: true,
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 1_099_511_627_776,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: {
          OutputLocation: inBucket(idOf(template, 'AWS::S3::Bucket'), 'athena/'),
          ExpectedBucketOwner: { Ref: 'AWS::AccountId' },
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
        },
      },
    });
  });

  it('encrypts results with the key of the lake when the lake has one', () => {
    const withKey = templateWith((stack) => {
      const lake = new LakeBucket(stack, 'LakeBucket', lakeProps);
      const bucket = new Bucket(stack, 'Own', { encryptionKey: new Key(stack, 'Key') }) as IBucket;
      const catalog = new LakeCatalog(stack, 'LakeCatalog', { lake });
      new LakeQueries(stack, 'LakeQueries', { lake: { ...lake, bucket } as LakeBucket, catalog });
    });

    withKey.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        ResultConfiguration: {
          EncryptionConfiguration: {
            EncryptionOption: 'SSE_KMS',
            KmsKey: { 'Fn::GetAtt': [idOf(withKey, 'AWS::KMS::Key'), 'Arn'] },
          },
        },
      },
    });
  });

  it('saves each query with its database and workgroup when it is created', () => {
    const saved = Object.values(template.findResources('AWS::Athena::NamedQuery')).map(({ Properties }) => Properties);

    expect(saved).toEqual(
      savedQueries.map(({ name, description, sql }) => ({
        Name: name,
        Description: description,
        QueryString: sql,
        Database: { Ref: idOf(template, 'AWS::Glue::Database') },
        WorkGroup: { Ref: idOf(template, 'AWS::Athena::WorkGroup') },
      })),
    );
  });
});
