import { type FieldKind, fields } from '../../lambda/flow-log/fields.ts';

/** A column of the lake's tables with its Hive type. */
export interface LakeColumn {
  readonly name: string;
  readonly type: 'int' | 'bigint' | 'string' | 'boolean';
}

/** Types that Parquet objects of version 0.2 have. Athena rejects a query on an object whose column has another type. */
const typesOfOlderObjects: ReadonlyMap<string, LakeColumn['type']> = new Map([['encryption-status', 'string']]);

/**
 * A column for each field that a decoded line may have in any format (lambda/respond/lake-row.ts). Firehose's conversion
 * silently drops a field without a column.
 */
export const lakeColumns: readonly LakeColumn[] = [
  ...[...fields].map(([name, { kind }]) => ({
    name: name.replaceAll('-', '_'),
    type: typesOfOlderObjects.get(name) ?? typeOf(kind),
  })),
  { name: 'counted', type: 'boolean' },
  { name: 'unreadable_line', type: 'string' },
  { name: 'unreadable_reason', type: 'string' },
];

function typeOf(kind: FieldKind): LakeColumn['type'] {
  switch (kind) {
    case 'int32':
    case 'port':
    case 'protocol':
      return 'int';
    case 'int64':
    case 'seconds':
      return 'bigint';
    default:
      return 'string';
  }
}
