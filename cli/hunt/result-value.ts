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

/** A value of a result, as JSON has it; times are texts in ISO 8601, in UTC. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | DecimalNumber
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** A number with a fraction whose digits all count. */
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
  /** No two columns of a result have the same name: a second `count` is `count:1`. */
  readonly name: string;
  readonly isNumber: boolean;
}

/** A result's rows, chunk by chunk, as they are fetched. */
export interface PlainRows {
  readonly columns: readonly ResultColumn[];
  readonly chunks: AsyncIterable<readonly (readonly PlainValue[])[]>;
  /** How many more rows there are: they are fetched, and given to nobody. */
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

/** A value that is not null as text: lists and structures as JSON. */
export function plainText(value: Exclude<PlainValue, null>): string {
  const isText = typeof value !== 'object' || value instanceof DecimalNumber;
  return isText ? String(value) : JSON.stringify(value, writeQuantities);
}

/** The greatest distance from 1970 that a Date has, in milliseconds (ECMA-262, "Time Values and Time Range"). */
const maxDateMilliseconds = 8_640_000_000_000_000n;

/** `2026-11-24T09:05:00Z`, with milliseconds where there are some; else as DuckDB writes it, such as `infinity`. */
function iso(milliseconds: bigint, value: { toString(): string }): string {
  if (milliseconds > maxDateMilliseconds || milliseconds < -maxDateMilliseconds) return value.toString();
  return new Date(Number(milliseconds)).toISOString().replace('.000Z', 'Z');
}
