import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { RuleSet } from '../../lambda/rules/model.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import { InputError } from '../terminal/input-error.ts';
import { stdoutError } from '../terminal/stdout.ts';
import { type AttachedFlows, attachFlows, closeAttached, keptSchema } from './load/attached-flows.ts';
import type { FlowSource } from './load/load-flows.ts';
import type { LoadedFlows } from './load/loaded-flows.ts';
import { sqlText } from './load/sql-text.ts';
import { temporaryFolder } from './load/temporary-folder.ts';
import { lockDownStatements } from './lock-down.ts';
import { addNetworkFunctions } from './network-functions.ts';
import type { OwnTable } from './own-tables.ts';
import { quoteFieldNames } from './quote-field-names.ts';
import { prepareReading } from './reading-statement.ts';
import { addRegionFunctions, type LookupRegion } from './region-functions.ts';
import { writeTables } from './session-tables.ts';
import { singleStatement } from './single-statement.ts';

/** What queries read beside the flows. It changes from question to question, so the database of flows does not have it. */
export interface SessionTables {
  /** The named lists become tables, and network_of knows them. */
  readonly lists: RuleSet['lists'];
  /** Tables of the user (default: none). */
  readonly tables?: readonly OwnTable[];
  /** Where addresses lead, for the functions of addRegionFunctions (default: unknown). */
  readonly lookupRegion?: LookupRegion | undefined;
}

/**
 * Flows in a DuckDB database, with which queries work.
 *
 * Queries are locked down: they read these tables, but no files and no network, and change nothing. The database of the
 * flows is attached read-only to a database in memory, which has everything else. A query runs in a read-only transaction.
 *
 * - `vpc_flow_logs`, with the columns of the lake
 * - `unreadable_lines`, with `unreadable_line`, `unreadable_reason` and `day`
 * - `named_networks`, with `list` and `network`
 * - the tables of the user
 */
export class FlowDatabase {
  readonly loaded: LoadedFlows;
  readonly #attached: AttachedFlows;
  readonly #connection: DuckDBConnection;
  /** A folder for temporary files. */
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  #isInterrupted = false;
  #hasTransaction = false;
  readonly #interrupt = () => this.interrupt();

  private constructor(attached: AttachedFlows, signal: AbortSignal | undefined) {
    this.loaded = attached.load.loaded;
    this.#attached = attached;
    this.#connection = attached.connection;
    this.#folder = attached.folder.path;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /**
   * Loads all flows of a source to a temporary database. `close` removes it, and so does a rejection.
   *
   * @param signal ends the loading early, and interrupts a running query
   */
  static async create(
    {
      rules,
      tables,
      ...source
    }: Omit<FlowSource, 'monitoredNetworks'> & {
      readonly rules: Pick<RuleSet, 'lists' | 'monitoredNetworks'>;
      readonly tables?: readonly OwnTable[];
    },
    signal?: AbortSignal,
  ): Promise<FlowDatabase> {
    const folder = temporaryFolder();
    try {
      const path = join(folder.path, 'flows.duckdb');
      const { lists, monitoredNetworks } = rules;
      const { loadFlows } = await import('./load/load-flows.ts');
      await loadFlows({ file: path, folder: folder.path }, { ...source, monitoredNetworks }, signal);
      // The attached file stays readable after its removal.
      return await FlowDatabase.open(await attachFlows(path), { lists, ...(tables && { tables }) }, signal);
    } finally {
      await folder.remove();
    }
  }

  /**
   * Prepares an attached database for queries, and locks it down. `close` closes it, and so does a rejection.
   *
   * @param signal interrupts a running query
   */
  static async open(attached: AttachedFlows, session: SessionTables, signal?: AbortSignal): Promise<FlowDatabase> {
    const { connection, folder } = attached;
    try {
      await mkdir(join(folder.path, 'result'));
      await writeTables(connection, session);
      const ownLists = (session.tables ?? []).flatMap(({ networks }) => networks ?? []);
      addNetworkFunctions(connection, [...session.lists, ...ownLists]);
      addRegionFunctions(connection, session.lookupRegion);
      const path = `SET search_path = 'memory.main,${keptSchema}'`;
      await connection.run([path, ...lockDownStatements(folder.path)].join('; '));
      return new FlowDatabase(attached, signal);
    } catch (error) {
      await closeAttached(attached);
      throw error;
    }
  }

  /** Number of flows. */
  get flows(): number {
    return this.loaded.flows;
  }

  get unreadableLines(): number {
    return this.loaded.unreadableLines;
  }

  /** Time from the first to the last end of the flows; undefined without flows. */
  get range(): FlowRange | undefined {
    return this.loaded.range;
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
   * Runs one reading statement. Its rows are fetched on demand: see `withQueryErrors`. The rows of the query before it
   * are gone.
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
      if (!this.#isInterrupted) {
        const { queryError } = await import('./query-error.ts');
        throw queryError(error, typed, quoteFieldNames(typed), before);
      }
    }
    throw new Error('interrupted before the query was complete');
  }

  /** Interrupts the running query, and all queries until `resume`. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#connection.interrupt();
  }

  /** Allows queries after an interruption. */
  resume(): void {
    this.#isInterrupted = false;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    await closeAttached(this.#attached);
  }

  /** Returns the statement for DuckDB, and begins its transaction. */
  async #checked(typed: string): Promise<string> {
    const statement = singleStatement(typed);
    const { sql } = quoteFieldNames(statement);
    return this.withQueryErrors(typed, async () => {
      // An error ends only the statement, and not the transaction.
      if (this.#hasTransaction) {
        this.#hasTransaction = false;
        await this.#connection.run('ROLLBACK');
      }
      await this.#connection.run('BEGIN TRANSACTION READ ONLY');
      this.#hasTransaction = true;
      await prepareReading(this.#connection, sql);
      return sql;
    });
  }
}
