import { Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import type { LakeBucket } from '../lake/lake-bucket.ts';
import type { LakeCatalog } from '../lake/lake-catalog.ts';
import { savedQueries } from './athena-saved-queries.ts';

/** The bytes after which a query is cancelled. Athena bills by bytes read: a few dollars for this limit. */
const maxScannedBytes = 1024 ** 4;

export interface LakeQueriesProps {
  readonly lake: LakeBucket;
  readonly catalog: LakeCatalog;
}

/**
 * The Athena workgroup of the lake with the saved queries. The workgroup enforces that results are stored in the lake,
 * encrypted.
 */
export class LakeQueries extends Construct {
  readonly workGroupName: string;

  constructor(scope: Construct, id: string, { lake, catalog }: LakeQueriesProps) {
    super(scope, id);
    const { account, stackName } = Stack.of(this);
    const key = lake.bucket.encryptionKey;
    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name: stackName,
      description: 'Queries on the flow-sentinel lake',
      // A workgroup with a query history is not empty and would not be deleted.
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
