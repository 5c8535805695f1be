import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBResult,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { writeQuantities } from '../../lambda/common/quantity.ts';

/** A value of a result in JSON types; times are ISO 8601 texts in UTC. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | DecimalNumber
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** A decimal number with all its digits. */
export class DecimalNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.digits);
  }

  toString(): string {
    return this.digits;
  }
}

/** A column of a result. */
export interface ResultColumn {
  /** Unique in a result: a second `count` becomes `count:1`. */
  readonly name: string;
  readonly isNumber: boolean;
}

/** The rows of a result, fetched chunk by chunk. */
export interface PlainRows {
  readonly columns: readonly ResultColumn[];
  readonly chunks: AsyncIterable<readonly (readonly PlainValue[])[]>;
  /** Fetches the remaining rows, and returns their number. */
  rest(): Promise<number>;
}

const numbers: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

export function plainRows(result: DuckDBResult): PlainRows {
  return {
    columns: result
      .deduplicatedColumnNames()
      .map((name, index) => ({ name, isNumber: numbers.has(result.columnTypeId(index)) })),
    chunks: chunksOf(result),
    rest: async () => {
      let count = 0;
      for await (const { rowCount } of result) count += rowCount;
      return count;
    },
  };
}

async function* chunksOf(result: DuckDBResult): AsyncGenerator<PlainValue[][]> {
  for await (const rows of result.yieldRows()) yield rows.map((row) => row.map(plainValue));
}

export function plainValue(value: DuckDBValue): PlainValue {
  if (value === null || typeof value !== 'object') return value ?? null;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) {
    return iso(value.micros / 1000n, value);
  }
  if (value instanceof DuckDBTimestampSecondsValue) return iso(value.seconds * 1000n, value);
  if (value instanceof DuckDBTimestampMillisecondsValue) return iso(value.millis, value);
  if (value instanceof DuckDBTimestampNanosecondsValue) return iso(value.nanos / 1_000_000n, value);
  if (value instanceof DuckDBDecimalValue) return new DecimalNumber(value.toString());
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(plainValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, member]) => [name, plainValue(member)]));
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: plainValue(entry.key), value: plainValue(entry.value) }));
  }
  return value.toString();
}

/** Returns a value as text; lists and structures as JSON. */
export function plainText(value: Exclude<PlainValue, null>): string {
  const isText = typeof value !== 'object' || value instanceof DecimalNumber;
  return isText ? String(value) : JSON.stringify(value, writeQuantities);
}

/** The largest time of a Date, in milliseconds from 1970 (ECMA-262, "Time Values and Time Range"). */
const maxDateMilliseconds = 8_640_000_000_000_000n;

/** Formats a time as `2026-11-24T09:05:00Z`, with milliseconds unless they are 0; out of range, as DuckDB does. */
function iso(milliseconds: bigint, value: { toString(): string }): string {
  if (milliseconds > maxDateMilliseconds || milliseconds < -maxDateMilliseconds) return value.toString();
  return new Date(Number(milliseconds)).toISOString().replace('.000Z', 'Z');
}
