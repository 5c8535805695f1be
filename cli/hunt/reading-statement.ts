import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import { InputError } from '../terminal/input-error.ts';
import { sqlTokens } from './sql-tokens.ts';

/**
 * Prepares a statement, and checks that it only reads. A plan with ANALYZE runs its statement, so that is checked too.
 *
 * @throws InputError if there are several statements, or one that may write; the error of DuckDB
 */
export async function prepareReading(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new InputError(`the query is invalid: got ${statements.count} statements, expected a single statement`);
  }
  const { statementType } = await statements.prepare(0);
  if (statementType === StatementType.SELECT) return;
  if (statementType !== StatementType.EXPLAIN) {
    throw new InputError(
      `the query is invalid: got ${StatementType[statementType]}, expected a reading statement: SELECT, WITH, EXPLAIN, DESCRIBE or SUMMARIZE`,
    );
  }
  await prepareReading(connection, explained(sql));
}

/** Returns the statement after `EXPLAIN`, `ANALYZE` and options in brackets. */
function explained(sql: string): string {
  const tokens = [...sqlTokens(sql)].filter(({ kind }) => kind !== 'blank');
  let index = 1;
  if (tokens[index]?.text === '(' && !/^(?:select|with|from|values)$/i.test(tokens[index + 1]?.text ?? '')) {
    while (index < tokens.length && tokens[index]!.text !== ')') index += 1;
    index += 1;
  }
  if (/^analy[sz]e$/i.test(tokens[index]?.text ?? '')) index += 1;
  return sql.slice(tokens[index]?.at ?? sql.length);
}
