// Runs statements in DuckDB. They print their result themselves, by COPY ... TO '/dev/stdout'. The arguments are the folder whose
// node_modules has DuckDB, the database, the number of threads, and the statements. The peers are plain JavaScript: Node.js
// takes 40 ms to strip the types of a program.
import { createRequire } from 'node:module';

const [, , packages, database, threads, ...statements] = process.argv;
const { DuckDBInstance } = createRequire(`${packages}/`)('@duckdb/node-api');
const instance = await DuckDBInstance.create(database, { threads });
const connection = await instance.connect();
for (const statement of statements) await connection.run(statement);
connection.closeSync();
instance.closeSync();
