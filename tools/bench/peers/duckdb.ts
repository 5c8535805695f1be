/** Counts a file with DuckDB's CSV reader and aggregates. The second argument is the number of threads. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , path, threads, packages] = process.argv as unknown as [string, string, string, string, string];
const duckdb = pathToFileURL(createRequire(`${packages}/`).resolve('@duckdb/node-api')).href;
const { DuckDBInstance } = await import(duckdb);
const columns = {
  ...{ version: 'INTEGER', account: 'VARCHAR', interface: 'VARCHAR', src: 'VARCHAR', dst: 'VARCHAR' },
  ...{ srcport: 'INTEGER', dstport: 'INTEGER', protocol: 'INTEGER', packets: 'BIGINT', bytes: 'BIGINT' },
  ...{ begun: 'BIGINT', ended: 'BIGINT', action: 'VARCHAR', status: 'VARCHAR' },
};
const connection = await (await DuckDBInstance.create(':memory:', { threads })).connect();
await connection.run(`
  COPY (
    SELECT src, dst, CAST(coalesce(sum(bytes) FILTER (action = 'ACCEPT'), 0) AS BIGINT), count(*) FILTER (action = 'REJECT')
    FROM read_csv('${path.replaceAll("'", "''")}', delim = ' ', header = false, auto_detect = false,
      columns = ${JSON.stringify(columns).replaceAll('"', "'")})
    GROUP BY ALL
  ) TO '/dev/stdout' (FORMAT csv, DELIMITER ' ', HEADER false)`);
