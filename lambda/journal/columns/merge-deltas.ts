import { maxAdditions, partsOf } from '../../aggregate/update-parts.ts';
import { addQuantity, type Quantity } from '../../common/quantity.ts';
import type { DeltaColumns } from './column-layout.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { totalsAt } from './delta-columns.ts';
import { MergedEvidence } from './merged-evidence.ts';
import { quantityAt } from './quantity-column.ts';
import { SeriesTable } from './series-table.ts';

/** A page with the indexes of its series and samples in the merged tables. */
interface Source {
  readonly columns: DeltaColumns;
  readonly seriesOf: (index: number) => number;
  readonly sampleOf: (index: number) => number;
}

/** A row of a page, and the row of the same key before it. */
interface SourceRow extends Source {
  readonly row: number;
  readonly before: SourceRow | undefined;
}

/**
 * Merges pages: one update per key, cut into parts only if it has more additions than an update may have. Rows are sorted
 * by partition key.
 *
 * Two pages may define one series id differently, if a deployment lies between them. Slots of one length mean nothing in
 * another, so such additions are never summed, and no update has both: DynamoDB refuses two changes of one attribute.
 */
export function mergeDeltas(pages: Iterable<DeltaColumns>): DeltaColumns {
  const table = new SeriesTable();
  const builder = new ColumnsBuilder();
  const byKey = new Map<string, SourceRow>();
  for (const columns of pages) {
    const source = sourceOf(columns, table, builder);
    for (const [row, pk] of columns.pks.entries()) byKey.set(pk, { ...source, row, before: byKey.get(pk) });
  }
  for (const definition of table.definitions) builder.addSeries(definition);
  for (const pk of [...byKey.keys()].sort()) {
    const last = byKey.get(pk)!;
    if (!last.before && isMerged(last, table)) {
      builder.copyRow(last.columns, last.row, last.seriesOf, last.sampleOf, 0);
    } else addMerged(rowsUpTo(last), table, builder);
  }
  return builder.columns();
}

function sourceOf(columns: DeltaColumns, table: SeriesTable, builder: ColumnsBuilder): Source {
  const series = columns.series.map((definition) => table.add(definition));
  const samples: (number | undefined)[] = [];
  return {
    columns,
    seriesOf: (index) => series[index]!,
    sampleOf(index) {
      samples[index] ??= builder.indexOfSample(columns.evidence.table[index]!);
      return samples[index];
    },
  };
}

/** Returns whether a row is already what merging makes of it: its slots are in order, distinct and not too many. */
function isMerged({ columns, row }: SourceRow, { hasConflicts }: SeriesTable): boolean {
  const { from, series, slot } = columns.additions;
  const [first, end] = [from[row]!, from[row + 1]!];
  if (hasConflicts || end - first > maxAdditions) return false;
  const secondsOf = (index: number) => columns.series[series[index]!]!.slotSeconds;
  for (let index = first + 1; index < end; index += 1) {
    const seconds = secondsOf(index);
    const order = slot[index]! * seconds - slot[index - 1]! * secondsOf(index - 1) || seconds - secondsOf(index - 1);
    if (order < 0) return false;
    // Neighbours in one slot are of several series; the same series may be further back.
    if (order > 0) continue;
    for (let other = index - 1; other >= first && slot[other] === slot[index]; other -= 1) {
      if (series[other] === series[index]) return false;
    }
  }
  return true;
}

function rowsUpTo(last: SourceRow): SourceRow[] {
  const rows: SourceRow[] = [];
  for (let one: SourceRow | undefined = last; one; one = one.before) rows.push(one);
  return rows.reverse();
}

/** Adds the update of a key, or its parts. @param rows of the key, in the order of their pages */
function addMerged(rows: readonly SourceRow[], table: SeriesTable, builder: ColumnsBuilder): void {
  const [{ columns, row }] = rows as [SourceRow];
  const totals = sumOfTotals(rows);
  const whole = {
    firstSeen: rows.reduce((first, one) => Math.min(first, one.columns.firstSeen[one.row]!), Number.POSITIVE_INFINITY),
    lastSeen: rows.reduce((last, one) => Math.max(last, one.columns.lastSeen[one.row]!), 0),
    overflowPairs: rows.reduce((most, one) => Math.max(most, one.columns.overflowPairs[one.row]!), 0),
  };
  const evidence = evidenceOf(rows, table, builder);
  for (const [part, slots] of partsByDefinition(slotsOf(rows, table), table).entries()) {
    builder.addNamedRow(columns.pks[row]!, columns.fields.get(row), {
      ...whole,
      part,
      totals: totals && part > 0 ? { bytes: 0, rejects: 0 } : totals,
    });
    for (const { series, slot, amount, values } of slots) {
      if (values) builder.addValues(series, slot, [...values]);
      else builder.addAmount(series, slot, amount);
    }
    evidence.write();
  }
}

function sumOfTotals(rows: readonly SourceRow[]): { bytes: Quantity; rejects: number } | undefined {
  let sum: { bytes: Quantity; rejects: number } | undefined;
  for (const { columns, row } of rows) {
    const totals = totalsAt(columns, row);
    if (totals && sum) {
      sum.bytes = addQuantity(sum.bytes, totals.bytes);
      sum.rejects += totals.rejects;
    } else sum ??= totals;
  }
  return sum;
}

/** Returns the evidence of all rows but further parts: all parts of an update have the same. */
function evidenceOf(rows: readonly SourceRow[], table: SeriesTable, builder: ColumnsBuilder): MergedEvidence {
  const merged = new MergedEvidence(builder);
  for (const { columns, row, seriesOf, sampleOf } of rows) {
    if (columns.part[row]! > 0) continue;
    const { from, series, flows, flags, sampleFrom, sample } = columns.evidence;
    for (let entry = from[row]!; entry < from[row + 1]!; entry += 1) {
      const samples = Array.from(sample.subarray(sampleFrom[entry], sampleFrom[entry + 1]), sampleOf);
      merged.add(table.firsts[seriesOf(series[entry]!)]!, flows[entry]!, flags[entry]!, samples);
    }
  }
  return merged;
}

/** The sum, or the distinct values, of one slot of a series. */
interface Slot {
  readonly series: number;
  readonly slot: number;
  amount: Quantity;
  /** Undefined unless the series counts distinct values. */
  readonly values: Set<string> | undefined;
}

function slotsOf(rows: readonly SourceRow[], { definitions }: SeriesTable): Slot[] {
  const bySeries = new Map<number, Map<number, Slot>>();
  const all: Slot[] = [];
  for (const { columns, row, seriesOf } of rows) {
    const { from, series, slot, amount, values } = columns.additions;
    for (let index = from[row]!; index < from[row + 1]!; index += 1) {
      const merged = seriesOf(series[index]!);
      const { kind, cap } = definitions[merged]!;
      const slots = bySeries.get(merged) ?? new Map<number, Slot>();
      bySeries.set(merged, slots);
      let sum = slots.get(slot[index]!);
      if (!sum) {
        const isSet = kind === 'distinct';
        sum = { series: merged, slot: slot[index]!, amount: 0, values: isSet ? new Set() : undefined };
        slots.set(sum.slot, sum);
        all.push(sum);
      }
      if (kind === 'presence') sum.amount = 1;
      else if (!sum.values) sum.amount = addQuantity(sum.amount, quantityAt(amount, index));
      else for (const value of values.get(index) ?? []) if (sum.values.size < cap) sum.values.add(value);
    }
  }
  return all;
}

/** Cuts slots into updates of which none has two definitions of one series id. Returns at least one. */
function partsByDefinition(slots: readonly Slot[], { definitions, ordinals, hasConflicts }: SeriesTable): Slot[][] {
  const secondsOf = ({ series }: Slot) => definitions[series]!.slotSeconds;
  if (!hasConflicts) return partsOf(slots, secondsOf);
  const groups = [...Map.groupBy(slots, ({ series }) => ordinals[series]!).values()];
  return groups.length === 0 ? [[]] : groups.flatMap((group) => partsOf(group, secondsOf));
}
