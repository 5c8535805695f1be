import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, StatementType } from '@duckdb/node-api';
import { InputError } from '../terminal/input-error.ts';
import { stdoutError } from '../terminal/stdout.ts';
import { removeAtExit } from '../terminal/temporary-files.ts';
import { databaseSettings, lockDown } from './database-settings.ts';
import { sqlText } from './duckdb-dialect.ts';
import { type FlowSource, type LoadedFlows, loadFlows } from './load-flows.ts';
import { addNetworkFunctions } from './network-functions.ts';
import { queryError } from './query-error.ts';
import { quotedNames } from './quote-field-names.ts';
import { onlyStatement } from './single-statement.ts';

/**
 * Flows in a database of DuckDB, in a temporary folder on disk, so that memory does not grow with them. Tables:
 * `vpc_flow_logs`, with the columns of the lake; `unreadable_lines`, with `unreadable_line`, `unreadable_reason` and `day`;
 * `named_networks`, with `list` and `network`.
 *
 * What a query may do is locked: it reads these tables, and neither files nor the network, and changes nothing.
 */
export class FlowDatabase {
  readonly flows: number;
  readonly unreadableLines: number;
  /** The last day of arrival that there is, such as `2026-11-24`; undefined where there is no flow. */
  readonly lastDay: string | undefined;
  readonly #folder: string;
  readonly #keepAtExit: () => void;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  #isInterrupted = false;
  readonly #interrupt = () => {
    this.#isInterrupted = true;
    this.#connection.interrupt();
  };

  private constructor(
    { flows, unreadableLines, lastDay }: LoadedFlows,
    { folder, keepAtExit }: { readonly folder: string; readonly keepAtExit: () => void },
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    signal: AbortSignal | undefined,
  ) {
    this.flows = flows;
    this.unreadableLines = unreadableLines;
    this.lastDay = lastDay;
    this.#folder = folder;
    this.#keepAtExit = keepAtExit;
    this.#instance = instance;
    this.#connection = connection;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /**
   * Reads all flows that there are. The folder is removed by `close`, and when this rejects.
   *
   * @param signal ends a query
   */
  static async of(source: FlowSource, signal?: AbortSignal): Promise<FlowDatabase> {
    const folder = await mkdtemp(join(tmpdir(), 'flow-sentinel-hunt-'));
    const keepAtExit = removeAtExit(folder);
    let instance: DuckDBInstance | undefined;
    try {
      const file = join(folder, 'flows.duckdb');
      await mkdir(join(folder, 'result'));
      const loaded = await loadFlows(file, source);
      instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY', ...databaseSettings });
      const connection = await instance.connect();
      addNetworkFunctions(connection, source.rules.lists);
      for (const statement of lockDown(folder)) await connection.run(statement);
      return new FlowDatabase(loaded, { folder, keepAtExit }, instance, connection, signal);
    } catch (error) {
      instance?.closeSync();
      await rm(folder, { recursive: true, force: true });
      keepAtExit();
      throw error;
    }
  }

  /**
   * Looks whether a statement could be run, without running it.
   *
   * @throws InputError that says what is wrong, and where
   */
  async check(typed: string): Promise<void> {
    await this.#checked(typed);
  }

  /**
   * Runs one statement that reads. Rows come as they are asked for: see `explained`.
   *
   * @param typed as a person types it: see quoted-names.ts
   * @throws InputError that says what is wrong, and where
   */
  async query(typed: string): Promise<DuckDBResult> {
    const sql = await this.#checked(typed);
    return this.explained(typed, () => this.#connection.stream(sql));
  }

  /**
   * Runs a statement and writes its rows to a Parquet file in the database's folder.
   *
   * @returns the file, which is gone when the database is closed, and how many rows it has
   */
  async parquet(typed: string): Promise<{ readonly path: string; readonly rows: number }> {
    const sql = await this.#checked(typed);
    const path = join(this.#folder, 'result', 'rows.parquet');
    const before = 'COPY (';
    const copy = `${before}${sql}\n) TO ${sqlText(path)} (FORMAT parquet)`;
    const { rowsChanged } = await this.explained(typed, () => this.#connection.run(copy), before.length);
    return { path, rows: rowsChanged };
  }

  /**
   * Does what fetches rows of a query.
   *
   * @param before how many characters stand before the query in what is run
   * @throws InputError in place of an error of DuckDB's, which shows what was typed; Error when it was interrupted
   */
  async explained<T>(typed: string, work: () => Promise<T>, before = 0): Promise<T> {
    try {
      const result = await work();
      // The rows of an interrupted query end as if there were no more.
      if (!this.#isInterrupted) return result;
    } catch (error) {
      if (error instanceof InputError || error === stdoutError()) throw error;
      if (!this.#isInterrupted) throw queryError(error, typed, quotedNames(typed), before);
    }
    throw new Error('interrupted before the query was done');
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#folder, { recursive: true, force: true });
    this.#keepAtExit();
  }

  /** The statement as DuckDB takes it. */
  async #checked(typed: string): Promise<string> {
    const statement = onlyStatement(typed);
    const { sql } = quotedNames(statement);
    return this.explained(typed, async () => {
      const statements = await this.#connection.extractStatements(sql);
      if (statements.count !== 1) throw new InputError('one statement at a time can be run');
      const { statementType } = await statements.prepare(0);
      if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN) {
        throw new InputError(
          `only statements that read can be run (SELECT, WITH, EXPLAIN, DESCRIBE, SUMMARIZE), not ${StatementType[statementType]}`,
        );
      }
      return sql;
    });
  }
}
