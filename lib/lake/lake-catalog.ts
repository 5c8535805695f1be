import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { errorsExpireAfterDays, type LakeBucket } from './lake-bucket.ts';
import { type LakeColumn, lakeColumns } from './lake-columns.ts';

/** The names of the tables: those that alerts and saved queries ask. */
export const tableNames = {
  flows: 'vpc_flow_logs',
  redriven: 'vpc_flow_logs_redriven',
  errors: 'firehose_errors',
} as const;

/** What Firehose writes of a record that failed, in lower case, as Athena has it; `rawdata` is base64. */
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

/** No object of ours is older. */
const firstDay = '2026-01-01';

/**
 * The lake as tables of the Glue Data Catalog. Athena works out the partitions of a query from the tables' properties
 * (Athena User Guide, "Partition projection"): nothing has to crawl the bucket or tell of a new day.
 *
 * - `vpc_flow_logs`: the decoded records by `day`, whatever else they are parted by; also what Firehose reads the columns
 *   of Parquet from;
 * - `vpc_flow_logs_by_account` or `vpc_flow_logs_by_vpc`, where the lake is parted so: the same records, of the accounts
 *   or VPCs that a query must name;
 * - `vpc_flow_logs_redriven`: decoded records that were put through again, by `day`, as JSON whatever the lake's format;
 * - `firehose_errors`: what failed, by `day` and by the `kind` of failure, which a query must name.
 */
export class LakeCatalog extends Construct {
  readonly databaseName: string;
  /** What Firehose converts by. */
  readonly flowsTable: CfnTable;
  readonly #lake: LakeBucket;

  constructor(scope: Construct, id: string, { lake }: { readonly lake: LakeBucket }) {
    super(scope, id);
    this.#lake = lake;
    const { account, stackName } = Stack.of(this);
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: {
        // Athena takes no upper case in names, and without quotes no hyphen.
        name: stackName.toLowerCase().replaceAll('-', '_'),
        description: 'VPC Flow Logs as flow-sentinel decoded them',
      },
    });
    this.databaseName = database.ref;
    const flows = { columns: lakeColumns, storage: lake.format === 'parquet' ? parquet : json };
    const { flowsRoot, redrivenRoot, errorsRoot, partition, expireAfterDays } = lake;
    this.flowsTable = this.#table('Flows', {
      ...flows,
      name: tableNames.flows,
      description: 'Decoded flow records, by the day of their arrival',
      root: flowsRoot,
      path: 'day=${day}/',
      partitions: { day: days(expireAfterDays) },
    });
    if (partition !== 'date') {
      this.#table('FlowsByPartition', {
        ...flows,
        name: `${tableNames.flows}_by_${partition}`,
        description: `Decoded flow records of one ${partition} or several, by the day of their arrival`,
        root: flowsRoot,
        path: `day=\${day}/${partition}=\${${partition}}/`,
        partitions: { day: days(expireAfterDays), [partition]: { type: 'injected' } },
      });
    }
    this.#table('Redriven', {
      columns: lakeColumns,
      storage: json,
      name: tableNames.redriven,
      description: 'Decoded flow records that were put through again, by the day of their first arrival',
      root: redrivenRoot,
      path: 'day=${day}/',
      partitions: { day: days(expireAfterDays) },
    });
    this.#table('Errors', {
      columns: errorColumns,
      storage: json,
      name: tableNames.errors,
      description: 'Records that Firehose could not deliver, by kind of failure and day of arrival',
      root: errorsRoot,
      path: '${kind}/day=${day}/',
      partitions: { day: days(errorsExpireAfterDays), kind: { type: 'injected' } },
    });
  }

  /** What Firehose needs to read columns (Firehose Developer Guide, "Grant Firehose access to AWS Glue for conversion"). */
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
  /** The folder of the bucket, */
  readonly root: string;
  /** and what partitions it, with a `${...}` for each. */
  readonly path: string;
  /** The properties of each partition column's projection. */
  readonly partitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * All days of which there can be objects, to the day on which a query runs. An object is deleted by its age, whose day
 * can be a day or two after the one in its name.
 */
function days(expireAfterDays: number) {
  const first = expireAfterDays > 0 ? `NOW-${expireAfterDays + 2}DAYS` : firstDay;
  return { type: 'date', format: 'yyyy-MM-dd', range: `${first},NOW`, interval: '1', 'interval.unit': 'DAYS' };
}
