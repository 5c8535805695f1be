import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, StatementType } from '@duckdb/node-api';
import type { UncountedFlows } from '../statistics/flow-counts.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import { InputError } from '../terminal/input-error.ts';
import { stdoutError } from '../terminal/stdout.ts';
import { createTemporaryFolder, removeAtExit } from '../terminal/temporary-files.ts';
import { databaseSettings, lockDownStatements } from './database-settings.ts';
import { sqlText } from './duckdb-dialect.ts';
import { type FlowSource, type LoadedFlows, loadFlows } from './load-flows.ts';
import { addNetworkFunctions } from './network-functions.ts';
import { queryError } from './query-error.ts';
import { quoteFieldNames } from './quote-field-names.ts';
import { singleStatement } from './single-statement.ts';

/**
 * Flows in a DuckDB database, in a temporary folder on disk, so that memory does not grow with their number.
 *
 * Queries are locked down: they read these tables, but no files and no network, and change nothing.
 *
 * - `vpc_flow_logs`, with the columns of the lake
 * - `unreadable_lines`, with `unreadable_line`, `unreadable_reason` and `day`
 * - `named_networks`, with `list` and `network`
 * - the tables of the user
 */
export class FlowDatabase {
  readonly flows: number;
  readonly unreadableLines: number;
  /** Flows that count 0, by the reason. */
  readonly uncounted: UncountedFlows;
  /** Number of flows that the monitored networks leave out; undefined if no format has `flow-direction`. */
  readonly leftOut: number | undefined;
  /** Time from the first to the last end of the flows; undefined without flows. */
  readonly range: FlowRange | undefined;
  /** Whether the formats name the endpoints of packets. */
  readonly hasPacketAddresses: boolean;
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
    { flows, unreadableLines, uncounted, leftOut, range, hasPacketAddresses }: LoadedFlows,
    { folder, keepAtExit }: { readonly folder: string; readonly keepAtExit: () => void },
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    signal: AbortSignal | undefined,
  ) {
    this.flows = flows;
    this.unreadableLines = unreadableLines;
    this.uncounted = uncounted;
    this.leftOut = leftOut;
    this.range = range;
    this.hasPacketAddresses = hasPacketAddresses;
    this.#folder = folder;
    this.#keepAtExit = keepAtExit;
    this.#instance = instance;
    this.#connection = connection;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /**
   * Loads all flows of a source. `close` removes the folder, and so does a rejection.
   *
   * @param signal interrupts a running query
   */
  static async create(source: FlowSource, signal?: AbortSignal): Promise<FlowDatabase> {
    const folder = createTemporaryFolder('hunt');
    const keepAtExit = removeAtExit(folder);
    let instance: DuckDBInstance | undefined;
    try {
      const file = join(folder, 'flows.duckdb');
      await mkdir(join(folder, 'result'));
      const loaded = await loadFlows(file, source);
      instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY', ...databaseSettings });
      const connection = await instance.connect();
      const ownLists = (source.tables ?? []).flatMap(({ networks }) => networks ?? []);
      addNetworkFunctions(connection, [...source.rules.lists, ...ownLists]);
      for (const statement of lockDownStatements(folder)) await connection.run(statement);
      return new FlowDatabase(loaded, { folder, keepAtExit }, instance, connection, signal);
    } catch (error) {
      instance?.closeSync();
      await rm(folder, { recursive: true, force: true });
      keepAtExit();
      throw error;
    }
  }

  /**
   * Validates a statement without running it.
   *
   * @throws InputError with the problem and its position
   */
  async check(typed: string): Promise<void> {
    await this.#checked(typed);
  }

  /**
   * Runs one reading statement. Its rows are fetched on demand: see `withQueryErrors`.
   *
   * @param typed the SQL as typed: see quote-field-names.ts
   * @throws InputError with the problem and its position
   */
  async query(typed: string): Promise<DuckDBResult> {
    const sql = await this.#checked(typed);
    return this.withQueryErrors(typed, () => this.#connection.stream(sql));
  }

  /**
   * Runs a statement and writes its rows to a Parquet file in the database's folder.
   *
   * @returns the file, which `close` removes, and its number of rows
   */
  async parquet(typed: string): Promise<{ readonly path: string; readonly rows: number }> {
    const sql = await this.#checked(typed);
    const path = join(this.#folder, 'result', 'rows.parquet');
    const before = 'COPY (';
    const copy = `${before}${sql}\n) TO ${sqlText(path)} (FORMAT parquet)`;
    const { rowsChanged } = await this.withQueryErrors(typed, () => this.#connection.run(copy), before.length);
    return { path, rows: rowsChanged };
  }

  /**
   * Runs the work that fetches rows of a query, with errors for the person who typed it.
   *
   * @param before characters before the query in the statement that runs
   * @throws InputError instead of a DuckDB error; Error if the query was interrupted
   */
  async withQueryErrors<T>(typed: string, work: () => Promise<T>, before = 0): Promise<T> {
    try {
      const result = await work();
      // The rows of an interrupted query end like those of a complete one.
      if (!this.#isInterrupted) return result;
    } catch (error) {
      if (error instanceof InputError || error === stdoutError()) throw error;
      if (!this.#isInterrupted) throw queryError(error, typed, quoteFieldNames(typed), before);
    }
    throw new Error('interrupted before the query was complete');
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#folder, { recursive: true, force: true });
    this.#keepAtExit();
  }

  /** Returns the statement for DuckDB. */
  async #checked(typed: string): Promise<string> {
    const statement = singleStatement(typed);
    const { sql } = quoteFieldNames(statement);
    return this.withQueryErrors(typed, async () => {
      const statements = await this.#connection.extractStatements(sql);
      if (statements.count !== 1) {
        throw new InputError(`the query is invalid: got ${statements.count} statements, expected a single statement`);
      }
      const { statementType } = await statements.prepare(0);
      if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN) {
        throw new InputError(
          `the query is invalid: got ${StatementType[statementType]}, expected a reading statement: SELECT, WITH, EXPLAIN, DESCRIBE or SUMMARIZE`,
        );
      }
      return sql;
    });
  }
}
