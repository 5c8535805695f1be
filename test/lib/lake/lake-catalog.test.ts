import { describe, expect, it } from 'vitest';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { inBucket, templateOfLake } from '../lakes.ts';
import { idOf } from '../synthesis.ts';

function tablesOf(props: Parameters<typeof templateOfLake>[0] = {}) {
  const template = templateOfLake(props);
  const bucket = idOf(template, 'AWS::S3::Bucket');
  const database = { Ref: idOf(template, 'AWS::Glue::Database') };
  const tables = Object.values(template.findResources('AWS::Glue::Table')).map(({ Properties }) => {
    expect(Properties.DatabaseName).toEqual(database);
    return Properties.TableInput;
  });
  return {
    template,
    in: (path: string) => inBucket(bucket, path),
    tables,
    table: (name: string) => tables.find(({ Name }) => Name === name),
  };
}

const day = {
  'projection.day.type': 'date',
  'projection.day.format': 'yyyy-MM-dd',
  'projection.day.range': 'NOW-402DAYS,NOW',
  'projection.day.interval': '1',
  'projection.day.interval.unit': 'DAYS',
};

describe('LakeCatalog', () => {
  it("has a database with a lower-case name when the stack's name has upper case", () => {
    tablesOf().template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'test' } });
  });

  it('has a table of the lake with projected days when settings are defaults', () => {
    const lake = tablesOf();

    expect(lake.tables.map(({ Name }) => Name)).toEqual(['vpc_flow_logs', 'vpc_flow_logs_redriven', 'firehose_errors']);
    expect(lake.table('vpc_flow_logs')).toMatchObject({
      TableType: 'EXTERNAL_TABLE',
      PartitionKeys: [{ Name: 'day', Type: 'string' }],
      Parameters: {
        'projection.enabled': 'true',
        ...day,
        'storage.location.template': lake.in('flows/parquet/day=${day}/'),
      },
      StorageDescriptor: {
        Columns: lakeColumns.map(({ name, type }) => ({ Name: name, Type: type })),
        Location: lake.in('flows/parquet/'),
        InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    });
  });

  it('has a table of reprocessed records as JSON when the lake is Parquet', () => {
    const lake = tablesOf();

    expect(lake.table('vpc_flow_logs_redriven')).toMatchObject({
      PartitionKeys: [{ Name: 'day', Type: 'string' }],
      Parameters: { ...day, 'storage.location.template': lake.in('redriven/day=${day}/') },
      StorageDescriptor: {
        Columns: lakeColumns.map(({ name, type }) => ({ Name: name, Type: type })),
        SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
      },
    });
  });

  it('reads JSON only from the folder of JSON when the format is json', () => {
    const lake = tablesOf({ format: 'json' });

    expect(lake.table('vpc_flow_logs')).toMatchObject({
      Parameters: { 'storage.location.template': lake.in('flows/json/day=${day}/') },
      StorageDescriptor: {
        Location: lake.in('flows/json/'),
        InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
        SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
      },
    });
  });

  it.each(['account', 'vpc'] as const)('has a second table by %s when the lake has that partition key', (partition) => {
    const lake = tablesOf({ partition });

    expect(lake.tables.map(({ Name }) => Name)).toEqual([
      'vpc_flow_logs',
      `vpc_flow_logs_by_${partition}`,
      'vpc_flow_logs_redriven',
      'firehose_errors',
    ]);
    const { StorageDescriptor, PartitionKeys } = lake.table('vpc_flow_logs')!;
    expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'string' }]);
    expect(lake.table(`vpc_flow_logs_by_${partition}`)).toMatchObject({
      PartitionKeys: [
        { Name: 'day', Type: 'string' },
        { Name: partition, Type: 'string' },
      ],
      Parameters: {
        ...day,
        [`projection.${partition}.type`]: 'injected',
        'storage.location.template': lake.in(`flows/parquet/day=\${day}/${partition}=\${${partition}}/`),
      },
      StorageDescriptor,
    });
  });

  it('has no column with the name of a partition when Glue would reject it', () => {
    const names = lakeColumns.map(({ name }) => name);
    for (const partition of ['day', 'account', 'vpc']) expect(names).not.toContain(partition);
  });

  it('starts the days at the first day when nothing expires', () => {
    const lake = tablesOf({ expireAfterDays: 0 });

    expect(lake.table('vpc_flow_logs')!.Parameters['projection.day.range']).toBe('2026-01-01,NOW');
  });

  it('has a table of failed records by kind and day when Firehose writes errors', () => {
    const lake = tablesOf();

    expect(lake.table('firehose_errors')).toMatchObject({
      PartitionKeys: [
        { Name: 'day', Type: 'string' },
        { Name: 'kind', Type: 'string' },
      ],
      Parameters: {
        ...day,
        'projection.kind.type': 'injected',
        'storage.location.template': lake.in('errors/${kind}/day=${day}/'),
      },
      StorageDescriptor: {
        Location: lake.in('errors/'),
        SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
      },
    });
    const columns = lake.table('firehose_errors')!.StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name);
    expect(columns).toEqual(
      expect.arrayContaining(['attemptsmade', 'arrivaltimestamp', 'errorcode', 'errormessage', 'rawdata']),
    );
  });
});
