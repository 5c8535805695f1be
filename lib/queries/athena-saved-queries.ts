import { athenaDialect } from './hunts/athena-dialect.ts';
import { type Hunt, huntSql, hunts } from './hunts/hunts.ts';

/** A query that waits in Athena's console, under its name. */
export interface SavedQuery {
  readonly name: string;
  /** When it is asked, and what its rows are. */
  readonly description: string;
  /** With a `?` for each value that Athena asks for (Athena User Guide, "Use execution parameters"). */
  readonly sql: string;
}

/** What one hunts for in the lake (hunts/hunts.ts), for Athena, engine version 3, on the tables of lib/lake/lake-catalog.ts. */
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
      'Records of the last seven days that could not be decoded, or whose batch was given up, with their text. For what ' +
      'failed later, name another kind: the folders of errors/ in the bucket.',
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
  const reads = days === 1 ? 'It reads since yesterday.' : `It reads the last ${days} days.`;
  const asked = parameters.map((parameter) => `${parameter.name}, ${parameter.description}`).join(', then ');
  return [
    description,
    reads,
    ...(list === 'suspicious_ranges' ? ['Put your ranges in place of the documentation networks.'] : []),
    ...(parameters.length > 0 ? [`Athena asks for ${asked}: write it in single quotes, as '10.0.1.5'.`] : []),
  ].join(' ');
}
