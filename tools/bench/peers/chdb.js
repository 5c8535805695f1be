// Counts a file with chdb, ClickHouse in the process. The second argument is the number of threads.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , path, threads, packages] = process.argv;
const { query } = await import(pathToFileURL(createRequire(`${packages}/`).resolve('chdb')).href);
const columns = [
  'version Int32, account String, interface String, src String, dst String, srcport Int32, dstport Int32',
  'protocol Int32, packets Int64, bytes Int64, begun Int64, ended Int64, action String, status String',
].join(', ');
const table = query(
  `SELECT src, dst, sumIf(bytes, action = 'ACCEPT'), countIf(action = 'REJECT')
  FROM file('${path.replaceAll(/['\\]/g, '\\$&')}', 'CustomSeparated', '${columns}') GROUP BY src, dst
  SETTINGS format_custom_field_delimiter = ' ', format_custom_escaping_rule = 'CSV', max_threads = ${Number(threads)}`,
  'TSV',
);
process.stdout.write(table.replaceAll('\t', ' '));
