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

describe('flow queries', () => {
  it('run in a workgroup that keeps results in the lake, encrypted, and stops what reads a terabyte', () => {
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

  it('keep results under the key of the lake, where it has one', () => {
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

  it('are saved with their database and workgroup', () => {
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
