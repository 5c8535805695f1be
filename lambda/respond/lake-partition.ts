import { fieldOf } from '../flow-log/flow.ts';
import type { Line } from '../parse/parse-line.ts';

/** What the lake's objects are parted by besides the day of their arrival: nothing, or what the flows are of. */
export const lakePartitions = ['date', 'account', 'vpc'] as const;

export type LakePartition = (typeof lakePartitions)[number];

/** Whose flows they are, where a record does not say. */
export const unknownPartition = 'unknown';

const keys = {
  account: { field: 'account-id', values: /^\d{12}$/ },
  vpc: { field: 'vpc-id', values: /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/ },
} as const;

/**
 * The partition of a decoded record. A record goes to one object as a whole, so where it holds flows of several accounts
 * or VPCs, that of its first flow. What is no id would become a folder of any name, and so it is `unknown`.
 */
export function partitionOf(lines: readonly Line[], partition: keyof typeof keys): string {
  const first = lines.find((line) => line.kind === 'flow');
  const id = first && fieldOf(first.flow, keys[partition].field);
  return id !== undefined && keys[partition].values.test(id) ? id : unknownPartition;
}
