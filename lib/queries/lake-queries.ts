import { Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import type { LakeBucket } from '../lake/lake-bucket.ts';
import type { LakeCatalog } from '../lake/lake-catalog.ts';
import { savedQueries } from './athena-saved-queries.ts';

/** Where a query is stopped, in bytes read: Athena bills by them, a few dollars for so many. */
const maxScannedBytes = 1024 ** 4;

export interface LakeQueriesProps {
  readonly lake: LakeBucket;
  readonly catalog: LakeCatalog;
}

/**
 * The lake's place in Athena: a workgroup whose results are in the lake, encrypted, whatever a client asks for, and the
 * saved queries.
 */
export class LakeQueries extends Construct {
  readonly workGroupName: string;

  constructor(scope: Construct, id: string, { lake, catalog }: LakeQueriesProps) {
    super(scope, id);
    const { account, stackName } = Stack.of(this);
    const key = lake.bucket.encryptionKey;
    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name: stackName,
      description: 'Queries of the lake of flow-sentinel',
      // A workgroup with a history of queries is not empty, and would stay.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: maxScannedBytes,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${lake.bucket.bucketName}/${lake.resultsRoot}`,
          expectedBucketOwner: account,
          encryptionConfiguration: key
            ? { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    this.workGroupName = workGroup.ref;
    for (const { name, description, sql } of savedQueries) {
      new CfnNamedQuery(this, name, {
        name,
        description,
        database: catalog.databaseName,
        queryString: sql,
        workGroup: workGroup.ref,
      });
    }
  }
}
