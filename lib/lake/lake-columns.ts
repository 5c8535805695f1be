import { type FieldKind, fields } from '../../lambda/flow-log/fields.ts';

/** A column of the lake's tables, with its type in Hive's words. */
export interface LakeColumn {
  readonly name: string;
  readonly type: 'int' | 'bigint' | 'string' | 'boolean';
}

/**
 * A column for all that a decoded line may have (lambda/respond/lake-row.ts), whatever format it came in: of a field
 * that is in the line and not in the table, Firehose's conversion would keep nothing and say nothing.
 */
export const lakeColumns: readonly LakeColumn[] = [
  ...[...fields].map(([name, { kind }]) => ({ name: name.replaceAll('-', '_'), type: typeOf(kind) })),
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
