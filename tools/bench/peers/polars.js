// Counts a file with the lazy CSV reader of Polars. POLARS_MAX_THREADS is the number of threads.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , path, , packages] = process.argv;
const module = await import(pathToFileURL(createRequire(`${packages}/`).resolve('nodejs-polars')).href);
const pl = module.default;
const is = (/** @type {string} */ action) => pl.col('column_13').eq(pl.lit(action));
const table = pl
  .scanCSV(path, { sep: ' ', hasHeader: false })
  .groupBy(['column_4', 'column_5'])
  .agg(
    pl.col('column_10').mul(is('ACCEPT').cast(pl.Int64)).sum().alias('bytes'),
    is('REJECT').cast(pl.Int64).sum().alias('rejects'),
  )
  .collectSync();
process.stdout.write(table.writeCSV({ separator: ' ', includeHeader: false }));
