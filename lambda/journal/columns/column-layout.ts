import type { Measure } from '../../rules/model.ts';
import type { QuantityColumn } from './quantity-column.ts';

/** A series as the rules of the batch define it, so that another rule set reads the same. */
export interface SeriesDefinition {
  readonly id: string;
  readonly slotSeconds: number;
  readonly kind: Measure['kind'];
  /** The maximum number of distinct values of a slot; 0 for any other kind. */
  readonly cap: number;
}

/** The additions of all rows. Those of row `n` begin at `from[n]` and end before `from[n + 1]`. */
export interface AdditionColumns {
  readonly from: Uint32Array;
  /** Index of the series in the table. */
  readonly series: Uint32Array;
  readonly slot: Float64Array;
  /** Zero if the series counts distinct values. */
  readonly amount: QuantityColumn;
  /** The distinct values by the addition's index. */
  readonly values: ReadonlyMap<number, readonly string[]>;
}

/** The evidence of all rows, an entry per row and series: entries of a row and samples of an entry are ranges as above. */
export interface EvidenceColumns {
  readonly from: Uint32Array;
  readonly series: Uint32Array;
  readonly flows: Float64Array;
  /** See ReducedEvidence. */
  readonly flags: Uint32Array;
  readonly sampleFrom: Uint32Array;
  /** Index of the sample in the table. */
  readonly sample: Uint32Array;
  /** The distinct samples: see sample-text.ts. Rows may refer to a part of the table. */
  readonly table: readonly string[];
}

/**
 * Deltas as columns; a row is one update. Ranges of further columns hold what a row has any number of:
 *
 *     pk      part bytes ... additions.from     series slot amount
 *     pair#a  0    1500      0 ------------->   0      91   1500
 *     pair#b  0    40        2 ----------.      3      92   1
 *                            3 (end)      `->   0      91   40
 */
export interface DeltaColumns {
  /** The partition keys. */
  readonly pks: readonly string[];
  /** By row: the fields of a key whose partition key does not name them. */
  readonly fields: ReadonlyMap<number, ReadonlyMap<string, string>>;
  readonly part: Uint32Array;
  /** 1 if the row has totals; without them its bytes and rejects are zero. */
  readonly hasTotals: Uint8Array;
  readonly bytes: QuantityColumn;
  readonly rejects: Float64Array;
  /** In epoch seconds. */
  readonly firstSeen: Float64Array;
  readonly lastSeen: Float64Array;
  readonly overflowPairs: Float64Array;
  readonly series: readonly SeriesDefinition[];
  readonly additions: AdditionColumns;
  readonly evidence: EvidenceColumns;
}
