import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { truncate } from '../../../lambda/common/text.ts';

/** Upper bound of the stored text of an unreadable record, in characters. */
export const maxStoredText = 4096;

/** A line or record that could not be read. */
export interface UnreadableLine {
  readonly text: string;
  readonly reason: string;
  /** The UTC day of its arrival, such as `2026-11-24`; undefined if unknown. */
  readonly day: string | undefined;
}

/** The table `unreadable_lines`, written row by row. */
export class UnreadableTable {
  readonly #appender: DuckDBAppender;

  private constructor(appender: DuckDBAppender) {
    this.#appender = appender;
  }

  static async create(connection: DuckDBConnection): Promise<UnreadableTable> {
    await connection.run(
      'CREATE TABLE unreadable_lines (unreadable_line VARCHAR, unreadable_reason VARCHAR, day VARCHAR)',
    );
    return new UnreadableTable(await connection.createAppender('unreadable_lines'));
  }

  add({ text, reason, day }: UnreadableLine): void {
    this.#appender.appendVarchar(truncate(text, maxStoredText));
    this.#appender.appendVarchar(reason);
    if (day === undefined) this.#appender.appendNull();
    else this.#appender.appendVarchar(day);
    this.#appender.endRow();
  }

  close(): void {
    this.#appender.closeSync();
  }
}
