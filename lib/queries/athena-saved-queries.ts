import { athenaDialect } from './hunts/athena-dialect.ts';
import { type Hunt, huntSql } from './hunts/hunt.ts';
import { hunts } from './hunts/hunts.ts';

/** A query saved in Athena's console. */
export interface SavedQuery {
  readonly name: string;
  /** The purpose of the query, and its rows. */
  readonly description: string;
  /** The statement with a `?` for each value that Athena asks for (Athena User Guide, "Use execution parameters"). */
  readonly sql: string;
}

/** The hunts (hunts/hunts.ts) as queries for Athena engine version 3, on the tables of lib/lake/lake-catalog.ts. */
export const savedQueries: readonly SavedQuery[] = [
  ...hunts.map((hunt) => ({
    name: hunt.name,
    description: athenaDescription(hunt),
    sql: huntSql(
      hunt,
      athenaDialect,
      hunt.parameters.map(() => '?'),
    ),
  })),
  {
    name: 'records-that-failed',
    description:
      'Records of the last seven days that could not be decoded, or whose batch failed after all retries, with their ' +
      'text. For other failures, name another kind: the folders below errors/ in the bucket.',
    sql: `
WITH failed AS (
  SELECT arrivaltimestamp, attemptsmade, errorcode, errormessage, from_base64(rawdata) AS payload
  FROM firehose_errors
  WHERE kind = 'processing-failed' AND ${athenaDialect.since(7)}
)
SELECT from_unixtime(arrivaltimestamp / 1000) AS arrived, attemptsmade, errorcode, errormessage,
  CASE WHEN to_hex(substr(payload, 1, 2)) = '1F8B' THEN concat('gzip of ', CAST(length(payload) AS varchar), ' bytes')
    ELSE from_utf8(payload) END AS content
FROM failed
ORDER BY arrivaltimestamp DESC
LIMIT 1000`.trim(),
  },
];

function athenaDescription({ description, days, list, parameters }: Hunt): string {
  const range = days === 1 ? 'Reads yesterday and today.' : `Reads the last ${days} days.`;
  const values = parameters.map((parameter) => `${parameter.name}, ${parameter.description}`).join(', then ');
  return [
    description,
    range,
    ...(list === 'suspicious_ranges' ? ['Replace the documentation networks by your ranges.'] : []),
    ...(parameters.length > 0
      ? [`Athena asks for ${values}: enter each value in single quotes, such as '10.0.1.5'.`]
      : []),
  ].join(' ');
}
