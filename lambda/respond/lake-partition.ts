import { fieldOf } from '../flow-log/flow.ts';
import type { ReadRecord } from '../parse/read-records.ts';

/** The partitions of the lake: by day of arrival only, or also by the account or the VPC of the flows. */
export const lakePartitions = ['date', 'account', 'vpc'] as const;

export type LakePartition = (typeof lakePartitions)[number];

/** The account or VPC of a record without a valid one. */
export const unknownPartition = 'unknown';

const keys = {
  account: { field: 'account-id', values: /^\d{12}$/ },
  vpc: { field: 'vpc-id', values: /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/ },
} as const;

/**
 * Returns the partition of a decoded record: the account or VPC of its first flow, since Firehose writes a record to one
 * object. Returns `unknown` for an invalid id, which would otherwise become the name of a folder.
 */
export function partitionOf({ rows, fromRow, toRow }: ReadRecord, partition: keyof typeof keys): string {
  const id = fromRow < toRow ? fieldOf(rows.flow(fromRow), keys[partition].field) : undefined;
  return id !== undefined && keys[partition].values.test(id) ? id : unknownPartition;
}
