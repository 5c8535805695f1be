import type { Quantity } from '../../common/quantity.ts';
import { type CounterKey, scopeOfKey } from '../../counters/counter-key.ts';
import type { Addition, KeyDelta } from '../../counters/delta.ts';
import type { Series } from '../../rules/model.ts';
import type { DeltaColumns, SeriesDefinition } from './column-layout.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { keyOfText } from './key-fields.ts';
import { quantityAt } from './quantity-column.ts';
import { evidenceAt } from './row-evidence.ts';

export type { DeltaColumns } from './column-layout.ts';

/** The properties of a series that columns need. */
export type SeriesProperties = Pick<Series, 'slotSeconds' | 'measure'>;

/**
 * Converts deltas to columns, a row for each delta.
 *
 * @param series the series of all additions, by id
 * @param isNotable whether the evidence of a delta has interfaces, instances and networks (default: none has)
 */
export function columnsOf(
  deltas: readonly KeyDelta[],
  series: ReadonlyMap<string, SeriesProperties>,
  isNotable: (delta: KeyDelta) => boolean = () => false,
): DeltaColumns {
  const builder = new ColumnsBuilder();
  const indexes = new Map<string, number>();
  const indexOf = (id: string) => {
    let index = indexes.get(id);
    if (index === undefined) {
      index = builder.addSeries(definitionOf(id, series.get(id)!));
      indexes.set(id, index);
    }
    return index;
  };
  for (const delta of deltas) {
    const { key, part, totals, firstSeen, lastSeen, overflowPairs } = delta;
    builder.addRow({ key, part, totals, firstSeen, lastSeen, overflowPairs });
    for (const addition of delta.additions) {
      if ('amount' in addition) builder.addAmount(indexOf(addition.series), addition.slot, addition.amount);
      else builder.addValues(indexOf(addition.series), addition.slot, addition.values);
    }
    if (delta.evidence.size === 0) continue;
    const notable = isNotable(delta);
    for (const [id, evidence] of delta.evidence) builder.addEvidence(indexOf(id), evidence, key, notable);
  }
  return builder.columns();
}

function definitionOf(id: string, { slotSeconds, measure }: SeriesProperties): SeriesDefinition {
  return { id, slotSeconds, kind: measure.kind, cap: measure.kind === 'distinct' ? measure.cap : 0 };
}

/** Converts columns to deltas, a delta for each row. Evidence is the part that columns hold. */
export function deltasOf(columns: DeltaColumns): KeyDelta[] {
  return columns.pks.map((_, row) => {
    const key = keyAt(columns, row);
    return {
      key,
      part: columns.part[row]!,
      totals: totalsAt(columns, row),
      firstSeen: columns.firstSeen[row]!,
      lastSeen: columns.lastSeen[row]!,
      additions: additionsAt(columns, row),
      evidence: evidenceAt(columns, row, key),
      overflowPairs: columns.overflowPairs[row]!,
    };
  });
}

/** Returns the rows whose partition key passes, in their order. */
export function selectRows(columns: DeltaColumns, keep: (pk: string) => boolean): DeltaColumns {
  const builder = ColumnsBuilder.like(columns);
  for (const [row, pk] of columns.pks.entries()) if (keep(pk)) builder.copyRow(columns, row);
  return builder.columns();
}

/** Returns the rows from one index to before another. */
export function sliceRows(columns: DeltaColumns, from: number, to: number): DeltaColumns {
  const builder = ColumnsBuilder.like(columns);
  for (let row = Math.max(0, from); row < Math.min(to, columns.pks.length); row += 1) builder.copyRow(columns, row);
  return builder.columns();
}

/** Returns the key of a row. */
function keyAt({ pks, fields }: DeltaColumns, row: number): CounterKey {
  const pk = pks[row]!;
  const stored = fields.get(row);
  if (!stored) return keyOfText(pk)!;
  const scope = scopeOfKey(pk);
  return { pk, fields: stored, ...(scope && { scope }) };
}

/** Returns the bytes and rejects of a row; undefined if it has no totals. */
export function totalsAt(
  { hasTotals, bytes, rejects }: DeltaColumns,
  row: number,
): { bytes: Quantity; rejects: number } | undefined {
  return hasTotals[row] === 1 ? { bytes: quantityAt(bytes, row), rejects: rejects[row]! } : undefined;
}

function additionsAt({ series: table, additions: { from, series, slot, amount, values } }: DeltaColumns, row: number) {
  const additions: Addition[] = [];
  for (let index = from[row]!; index < from[row + 1]!; index += 1) {
    const { id, cap } = table[series[index]!]!;
    const distinct = values.get(index);
    const where = { series: id, slot: slot[index]! };
    additions.push(distinct ? { ...where, values: distinct, cap } : { ...where, amount: quantityAt(amount, index) });
  }
  return additions;
}
