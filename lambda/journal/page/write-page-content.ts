import { ByteWriter } from '../../common/byte-writer.ts';
import type { Quantity } from '../../common/quantity.ts';
import { slotOf } from '../../counters/window.ts';
import type { DeltaColumns } from '../columns/column-layout.ts';
import { readIpv4Pair } from '../columns/key-fields.ts';
import { quantityAt } from '../columns/quantity-column.ts';
import { keyKinds, measureKinds, rowFlags } from './page-codes.ts';
import { Renumbered } from './renumbered.ts';
import { additionCode, evidenceCode, forms, RowShapes } from './row-shapes.ts';
import { writeSamples } from './sample-table.ts';

/**
 * Writes the rows of columns, sorted by partition key and part. Returns the content in sections of similar bytes, since each
 * section compresses best by itself.
 */
export function pageContent(columns: DeltaColumns): Uint8Array[] {
  return new ContentWriter(columns).write();
}

class ContentWriter {
  readonly #columns: DeltaColumns;
  readonly #rows: readonly number[];
  readonly #series = new Renumbered<number>();
  readonly #samples = new Renumbered<number>();
  readonly #kinds = new ByteWriter();
  readonly #pairs = new ByteWriter();
  readonly #sharedLengths = new ByteWriter();
  readonly #suffixLengths = new ByteWriter();
  readonly #suffixes = new ByteWriter();
  readonly #fields = new ByteWriter();
  readonly #parts = new ByteWriter();
  readonly #overflowPairs = new ByteWriter();
  readonly #bytes = new ByteWriter();
  readonly #rejects = new ByteWriter();
  readonly #lastSeen = new ByteWriter();
  readonly #durations = new ByteWriter();
  readonly #shapes = new RowShapes();
  readonly #shapeNumbers = new ByteWriter();
  readonly #amounts = new ByteWriter();
  readonly #values = new ByteWriter();
  readonly #flows = new ByteWriter();
  readonly #sampleCounts = new ByteWriter();
  readonly #sampleNumbers = new ByteWriter();
  #previousPk = '';

  constructor(columns: DeltaColumns) {
    this.#columns = columns;
    this.#rows = sortedRows(columns);
    // The codes of shapes need the number of series before the first row is written.
    for (const index of columns.additions.series) this.#series.of(index);
    for (const index of columns.evidence.series) this.#series.of(index);
  }

  write(): Uint8Array[] {
    const base = this.#columns.lastSeen.reduce((latest, time) => Math.max(latest, time), 0);
    let before: number | undefined;
    for (const row of this.#rows) {
      this.#addRow(row, before, base);
      before = row;
    }
    const tables = new ByteWriter();
    tables.number(this.#rows.length);
    tables.number(base);
    this.#writeSeries(tables);
    this.#shapes.write(tables);
    const samples = new ByteWriter();
    writeSamples(
      samples,
      this.#samples.used.map((index) => this.#columns.evidence.table[index]!),
    );
    const numbers = [
      this.#parts,
      this.#overflowPairs,
      this.#bytes,
      this.#rejects,
      this.#lastSeen,
      this.#durations,
      this.#shapeNumbers,
      this.#amounts,
      this.#values,
      this.#flows,
      this.#sampleCounts,
      this.#sampleNumbers,
    ];
    return [
      joined([tables, samples, this.#kinds]),
      joined([this.#pairs]),
      joined([this.#sharedLengths, this.#suffixLengths, this.#suffixes, this.#fields]),
      joined(numbers),
    ];
  }

  #writeSeries(content: ByteWriter): void {
    content.number(this.#series.used.length);
    for (const index of this.#series.used) {
      const { id, slotSeconds, kind, cap } = this.#columns.series[index]!;
      content.text(id);
      content.number(slotSeconds);
      content.byte(measureKinds.indexOf(kind));
      if (kind === 'distinct') content.number(cap);
    }
  }

  #addRow(row: number, before: number | undefined, base: number): void {
    const { pks, part, hasTotals, bytes, rejects, firstSeen, lastSeen, overflowPairs } = this.#columns;
    const repeatsEvidence = before !== undefined && pks[before] === pks[row] && this.#hasSameEvidence(before, row);
    const flags =
      (hasTotals[row] === 1 ? rowFlags.hasTotals : 0) |
      (part[row]! > 0 ? rowFlags.hasPart : 0) |
      (repeatsEvidence ? rowFlags.repeatsEvidence : 0) |
      (overflowPairs[row]! > 0 ? rowFlags.hasOverflow : 0);
    this.#kinds.byte(this.#addKey(row) | flags);
    if (part[row]! > 0) this.#parts.number(part[row]!);
    if (overflowPairs[row]! > 0) this.#overflowPairs.number(overflowPairs[row]!);
    if (hasTotals[row] === 1) {
      this.#bytes.number(quantityAt(bytes, row));
      this.#rejects.number(rejects[row]!);
    }
    this.#lastSeen.number(base - lastSeen[row]!);
    this.#durations.signed(lastSeen[row]! - firstSeen[row]!);
    const codes = [this.#columns.additions.from[row + 1]! - this.#columns.additions.from[row]!];
    this.#addAdditions(row, codes);
    if (!repeatsEvidence) this.#addEvidence(row, codes);
    this.#shapeNumbers.number(this.#shapes.indexOf(codes));
  }

  /** Returns the kind of the row's key. */
  #addKey(row: number): number {
    const pk = this.#columns.pks[row]!;
    const fields = this.#columns.fields.get(row);
    const bytes = new Uint8Array(8);
    if (!fields && readIpv4Pair(pk, bytes)) {
      this.#pairs.raw(bytes);
      return keyKinds.ipv4Pair;
    }
    const shared = sharedLength(this.#previousPk, pk);
    const suffix = Buffer.from(pk.slice(shared));
    this.#sharedLengths.number(shared);
    this.#suffixLengths.number(suffix.length);
    this.#suffixes.raw(suffix);
    this.#previousPk = pk;
    if (!fields) return keyKinds.text;
    this.#fields.number(fields.size);
    for (const [name, value] of fields) {
      this.#fields.text(name);
      this.#fields.text(value);
    }
    return keyKinds.full;
  }

  #addAdditions(row: number, codes: number[]): void {
    const { series, lastSeen, additions, bytes, rejects } = this.#columns;
    const seriesCount = this.#series.used.length;
    for (let index = additions.from[row]!; index < additions.from[row + 1]!; index += 1) {
      const { slotSeconds } = series[additions.series[index]!]!;
      const values = additions.values.get(index);
      const amount = quantityAt(additions.amount, index);
      const form = values ? forms.values : formOf(amount, quantityAt(bytes, row), rejects[row]!);
      const slotsBefore = slotOf(lastSeen[row]!, slotSeconds) - additions.slot[index]!;
      codes.push(additionCode({ series: this.#series.of(additions.series[index]!), slotsBefore, form }, seriesCount));
      if (form === forms.amount) this.#amounts.number(amount);
      if (!values) continue;
      this.#values.number(values.length);
      for (const value of values) this.#values.text(value);
    }
  }

  #addEvidence(row: number, codes: number[]): void {
    const { from, series, flags, flows, sampleFrom, sample } = this.#columns.evidence;
    const seriesCount = this.#series.used.length;
    for (let entry = from[row]!; entry < from[row + 1]!; entry += 1) {
      const isRepeated = entry > from[row]! && this.#isSameEntry(entry - 1, entry);
      const number = this.#series.of(series[entry]!);
      codes.push(evidenceCode({ series: number, flags: flags[entry]!, isRepeated }, seriesCount));
      if (isRepeated) continue;
      this.#flows.number(flows[entry]!);
      this.#sampleCounts.number(sampleFrom[entry + 1]! - sampleFrom[entry]!);
      for (let index = sampleFrom[entry]!; index < sampleFrom[entry + 1]!; index += 1) {
        this.#sampleNumbers.number(this.#samples.reference(sample[index]!));
      }
    }
  }

  #hasSameEvidence(a: number, b: number): boolean {
    const { from, series, flags } = this.#columns.evidence;
    const count = from[a + 1]! - from[a]!;
    if (from[b + 1]! - from[b]! !== count || count === 0) return false;
    for (let index = 0; index < count; index += 1) {
      const [first, second] = [from[a]! + index, from[b]! + index];
      if (series[first] !== series[second] || flags[first] !== flags[second]) return false;
      if (!this.#isSameEntry(first, second)) return false;
    }
    return true;
  }

  /** Returns whether two entries of evidence have the same flows and samples. */
  #isSameEntry(a: number, b: number): boolean {
    const { flows, sampleFrom, sample } = this.#columns.evidence;
    const count = sampleFrom[a + 1]! - sampleFrom[a]!;
    if (flows[a] !== flows[b] || sampleFrom[b + 1]! - sampleFrom[b]! !== count) return false;
    for (let index = 0; index < count; index += 1) {
      if (sample[sampleFrom[a]! + index] !== sample[sampleFrom[b]! + index]) return false;
    }
    return true;
  }
}

function joined(columns: readonly ByteWriter[]): Uint8Array {
  return Buffer.concat(columns.map((column) => column.bytes()));
}

function sortedRows({ pks, part }: DeltaColumns): number[] {
  return Array.from(pks, (_, row) => row).sort((a, b) => {
    const [first, second] = [pks[a]!, pks[b]!];
    return first < second ? -1 : first > second ? 1 : part[a]! - part[b]!;
  });
}

function formOf(amount: Quantity, bytes: Quantity, rejects: number): number {
  if (amount === bytes) return forms.bytes;
  if (amount === 1) return forms.one;
  return amount === rejects ? forms.rejects : forms.amount;
}

/** Returns the number of characters that two texts begin with, without half of a surrogate pair. */
function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  const isWithinPair = length > 0 && (a.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  return isWithinPair ? length - 1 : length;
}
