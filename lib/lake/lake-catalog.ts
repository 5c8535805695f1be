import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { errorsExpireAfterDays, type LakeBucket } from './lake-bucket.ts';
import { type LakeColumn, lakeColumns } from './lake-columns.ts';

/** The names of the tables that alerts and saved queries read. */
export const tableNames = {
  flows: 'vpc_flow_logs',
  redriven: 'vpc_flow_logs_redriven',
  errors: 'firehose_errors',
} as const;

/** The fields of Firehose's error records, in lower case as in Athena. `rawdata` is base64. */
export const errorColumns = [
  { name: 'attemptsmade', type: 'int' },
  { name: 'arrivaltimestamp', type: 'bigint' },
  { name: 'attemptendingtimestamp', type: 'bigint' },
  { name: 'errorcode', type: 'string' },
  { name: 'errormessage', type: 'string' },
  { name: 'lambdaarn', type: 'string' },
  { name: 'rawdata', type: 'string' },
] as const satisfies readonly LakeColumn[];

const parquet = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

const json = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serdeInfo: { serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
};

/** No object in any lake is older: the project did not exist. */
const firstDay = '2026-01-01';

/**
 * The tables of the lake in the Glue Data Catalog. Athena computes the partitions of a query from table properties
 * (Athena User Guide, "Partition projection"), so neither a crawler nor a daily update is needed.
 *
 * - `vpc_flow_logs`: the decoded records by `day`. Firehose takes the columns of Parquet from this table.
 * - `vpc_flow_logs_by_account` or `vpc_flow_logs_by_vpc`: the same records if the lake has that partition key. A query
 *   must name the accounts or VPCs.
 * - `vpc_flow_logs_redriven`: reprocessed records by `day`, always as JSON.
 * - `firehose_errors`: failed records by `day` and by the `kind` of failure, which a query must name.
 */
export class LakeCatalog extends Construct {
  readonly databaseName: string;
  /** The table with the columns of Firehose's conversion to Parquet. */
  readonly flowsTable: CfnTable;
  readonly #lake: LakeBucket;

  constructor(scope: Construct, id: string, { lake }: { readonly lake: LakeBucket }) {
    super(scope, id);
    this.#lake = lake;
    const { account, stackName } = Stack.of(this);
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: {
        // Athena rejects upper case in names, and hyphens outside of quotes.
        name: stackName.toLowerCase().replaceAll('-', '_'),
        description: 'VPC Flow Logs decoded by flow-sentinel',
      },
    });
    this.databaseName = database.ref;
    const flows = { columns: lakeColumns, storage: lake.format === 'parquet' ? parquet : json };
    const { flowsRoot, redrivenRoot, errorsRoot, partition, expireAfterDays } = lake;
    this.flowsTable = this.#table('Flows', {
      ...flows,
      name: tableNames.flows,
      description: 'Decoded flow records, by day of arrival',
      root: flowsRoot,
      path: 'day=${day}/',
      partitions: { day: dayProjection(expireAfterDays) },
    });
    if (partition !== 'date') {
      this.#table('FlowsByPartition', {
        ...flows,
        name: `${tableNames.flows}_by_${partition}`,
        description: `Decoded flow records by ${partition} and day of arrival`,
        root: flowsRoot,
        path: `day=\${day}/${partition}=\${${partition}}/`,
        partitions: { day: dayProjection(expireAfterDays), [partition]: { type: 'injected' } },
      });
    }
    this.#table('Redriven', {
      columns: lakeColumns,
      storage: json,
      name: tableNames.redriven,
      description: 'Reprocessed flow records, by day of first arrival',
      root: redrivenRoot,
      path: 'day=${day}/',
      partitions: { day: dayProjection(expireAfterDays) },
    });
    this.#table('Errors', {
      columns: errorColumns,
      storage: json,
      name: tableNames.errors,
      description: 'Records that Firehose could not deliver, by kind of failure and day of arrival',
      root: errorsRoot,
      path: '${kind}/day=${day}/',
      partitions: { day: dayProjection(errorsExpireAfterDays), kind: { type: 'injected' } },
    });
  }

  /** Grants reading of the columns (Firehose Developer Guide, "Grant Firehose access to AWS Glue for conversion"). */
  grantReadColumns(grantee: IGrantable): Grant {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName?: string) =>
      stack.formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
    return Grant.addToPrincipal({
      grantee,
      actions: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
      resourceArns: [
        arn('catalog'),
        arn('database', this.databaseName),
        arn('table', `${this.databaseName}/${this.flowsTable.ref}`),
      ],
    });
  }

  #table(id: string, { name, description, columns, storage, root, path, partitions }: TableProps): CfnTable {
    const location = `s3://${this.#lake.bucket.bucketName}/${root}`;
    const projections = Object.entries(partitions).flatMap(([column, properties]) =>
      Object.entries(properties).map(([property, value]) => [`projection.${column}.${property}`, value]),
    );
    return new CfnTable(this, id, {
      catalogId: Stack.of(this).account,
      databaseName: this.databaseName,
      tableInput: {
        name,
        description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: Object.keys(partitions).map((column) => ({ name: column, type: 'string' })),
        storageDescriptor: { columns: [...columns], location, ...storage },
        parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          ...Object.fromEntries(projections),
          'storage.location.template': `${location}${path}`,
        },
      },
    });
  }
}

interface TableProps {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly LakeColumn[];
  readonly storage: typeof parquet;
  /** The folder in the bucket. */
  readonly root: string;
  /** The path of a partition within the folder, with a `${...}` for each partition column. */
  readonly path: string;
  /** The properties of each partition column's projection. */
  readonly partitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Returns the projection of `day`: every day that may have objects, up to the day of the query. S3 deletes an object by
 * its age, up to two days after the day in its name.
 */
function dayProjection(expireAfterDays: number) {
  const first = expireAfterDays > 0 ? `NOW-${expireAfterDays + 2}DAYS` : firstDay;
  return { type: 'date', format: 'yyyy-MM-dd', range: `${first},NOW`, interval: '1', 'interval.unit': 'DAYS' };
}
