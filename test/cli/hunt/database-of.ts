import { FlowDatabase } from '../../../cli/hunt/flow-database.ts';
import { plainRows } from '../../../cli/hunt/result-value.ts';
import type { SourceRecord } from '../../../emulators/firehose-event.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { parseNetworks } from '../../../sigma/compile/monitored-network.ts';
import { compileNetworks } from '../../../sigma/rule-directory.ts';
import { epoch, v2 } from '../../support/flows.ts';

/** The default named networks. */
export const rules = { ...compileNetworks(), monitoredNetworks: parseNetworks(['10.0.0.0/8', 'fd00::/8']) };

export interface Options {
  /** Epoch seconds. */
  readonly arrival?: number;
  readonly signal?: AbortSignal;
}

/** Creates a database of lines, one record for each. */
export function databaseOf(
  lines: readonly string[],
  formats: readonly Format[] = [v2],
  { arrival = epoch + 120, signal }: Options = {},
): Promise<FlowDatabase> {
  const records = lines.map((line) => ({ data: Buffer.from(`${line}\n`), arrival: arrival * 1000 }));
  return databaseOfRecords(records, formats, signal);
}

export function databaseOfRecords(
  records: readonly SourceRecord[],
  formats: readonly Format[] = [v2],
  signal?: AbortSignal,
): Promise<FlowDatabase> {
  const files = {
    formats,
    async *records() {
      yield* records;
    },
  };
  return FlowDatabase.create({ files, rules }, signal);
}

/** Returns the rows of a query; integers of 64 bits and more are bigint. */
export async function rowsOf(database: FlowDatabase, sql: string): Promise<Record<string, unknown>[]> {
  const { columns, chunks } = plainRows(await database.query(sql));
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) rows.push(Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  }
  return rows;
}
