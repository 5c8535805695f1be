import type { Quantity } from '../../common/quantity.ts';
import type { CounterKey } from '../../counters/counter-key.ts';
import type { KeyDelta } from '../../counters/delta.ts';
import type { Evidence } from '../../flow-log/evidence.ts';
import type { DeltaColumns, SeriesDefinition } from './column-layout.ts';
import { isNamed } from './key-fields.ts';
import { QuantityList, quantityAt } from './quantity-column.ts';
import { reduceEvidence } from './row-evidence.ts';

/** What a row has once. */
export type Row = Pick<KeyDelta, 'key' | 'part' | 'totals' | 'firstSeen' | 'lastSeen' | 'overflowPairs'>;

/** Appends rows to columns. Additions and evidence belong to the last row. */
export class ColumnsBuilder {
  readonly #series: SeriesDefinition[];
  readonly #samples: string[];
  #sampleIndexes: Map<string, number> | undefined;

  readonly #pks: string[] = [];
  readonly #fields = new Map<number, ReadonlyMap<string, string>>();
  readonly #part: number[] = [];
  readonly #hasTotals: number[] = [];
  readonly #bytes = new QuantityList();
  readonly #rejects: number[] = [];
  readonly #firstSeen: number[] = [];
  readonly #lastSeen: number[] = [];
  readonly #overflowPairs: number[] = [];

  readonly #additionFrom: number[] = [];
  readonly #additionSeries: number[] = [];
  readonly #slot: number[] = [];
  readonly #amount = new QuantityList();
  readonly #values = new Map<number, readonly string[]>();

  readonly #evidenceFrom: number[] = [];
  readonly #evidenceSeries: number[] = [];
  readonly #flows: number[] = [];
  readonly #flags: number[] = [];
  readonly #sampleFrom: number[] = [];
  readonly #sample: number[] = [];

  constructor(series: readonly SeriesDefinition[] = [], samples: readonly string[] = []) {
    this.#series = [...series];
    this.#samples = [...samples];
  }

  /** Makes a builder with the tables of other columns, whose rows can be copied as they are. */
  static like({ series, evidence }: DeltaColumns): ColumnsBuilder {
    return new ColumnsBuilder(series, evidence.table);
  }

  /** Adds a series to the table; returns its index. */
  addSeries(definition: SeriesDefinition): number {
    return this.#series.push(definition) - 1;
  }

  /** Returns the index of a sample in the table, which gets the sample if it is new. */
  indexOfSample(sample: string): number {
    this.#sampleIndexes ??= new Map(this.#samples.map((known, index) => [known, index]));
    let index = this.#sampleIndexes.get(sample);
    if (index === undefined) {
      index = this.#samples.push(sample) - 1;
      this.#sampleIndexes.set(sample, index);
    }
    return index;
  }

  /** Returns the sample at an index of the table. */
  sampleAt(index: number): string {
    return this.#samples[index]!;
  }

  addRow({ key, totals, ...row }: Row): void {
    this.addNamedRow(key.pk, isNamed(key) ? undefined : key.fields, { ...row, totals });
  }

  /** Adds a row. @param fields undefined if the partition key names the fields: see key-fields.ts */
  addNamedRow(pk: string, fields: CounterKey['fields'] | undefined, row: Omit<Row, 'key'>): void {
    if (fields) this.#fields.set(this.#pks.length, fields);
    this.#pks.push(pk);
    this.#part.push(row.part);
    this.#hasTotals.push(row.totals ? 1 : 0);
    this.#bytes.push(row.totals?.bytes ?? 0);
    this.#rejects.push(row.totals?.rejects ?? 0);
    this.#firstSeen.push(row.firstSeen);
    this.#lastSeen.push(row.lastSeen);
    this.#overflowPairs.push(row.overflowPairs);
    this.#additionFrom.push(this.#slot.length);
    this.#evidenceFrom.push(this.#flows.length);
  }

  addAmount(series: number, slot: number, amount: Quantity): void {
    this.#additionSeries.push(series);
    this.#slot.push(slot);
    this.#amount.push(amount);
  }

  addValues(series: number, slot: number, values: readonly string[]): void {
    this.#values.set(this.#slot.length, values);
    this.addAmount(series, slot, 0);
  }

  /** Adds the evidence of a series, reduced: see reduceEvidence. */
  addEvidence(series: number, evidence: Evidence, key: CounterKey, isNotable: boolean): void {
    const isPresence = this.#series[series]!.kind === 'presence';
    const { flows, flags, samples } = reduceEvidence(evidence, key, isNotable, isPresence);
    this.addEntry(
      series,
      flows,
      flags,
      samples.map((sample) => this.indexOfSample(sample)),
    );
  }

  /** Adds an entry of evidence. @param samples indexes in the table */
  addEntry(series: number, flows: number, flags: number, samples: Iterable<number>): void {
    this.#evidenceSeries.push(series);
    this.#flows.push(flows);
    this.#flags.push(flags);
    this.#sampleFrom.push(this.#sample.length);
    for (const sample of samples) this.#sample.push(sample);
  }

  /** Adds the evidence of the row before the last one to the last one; returns the number of entries and samples. */
  repeatEvidence(): number {
    const before = this.#sample.length;
    const [from = 0, to = 0] = this.#evidenceFrom.slice(-2);
    for (let entry = from; entry < to; entry += 1) {
      const samples = this.#sample.slice(this.#sampleFrom[entry], this.#sampleFrom[entry + 1]);
      this.addEntry(this.#evidenceSeries[entry]!, this.#flows[entry]!, this.#flags[entry]!, samples);
    }
    return Math.max(0, to - from) + this.#sample.length - before;
  }

  /**
   * Copies a row.
   *
   * @param seriesOf,sampleOf return the index here of a series and a sample there (default: the tables are equal)
   */
  copyRow(
    columns: DeltaColumns,
    row: number,
    seriesOf: (index: number) => number = same,
    sampleOf: (index: number) => number = same,
    part: number = columns.part[row]!,
  ): void {
    const { additions, evidence, bytes, rejects } = columns;
    this.addNamedRow(columns.pks[row]!, columns.fields.get(row), {
      part,
      totals: columns.hasTotals[row] === 1 ? { bytes: quantityAt(bytes, row), rejects: rejects[row]! } : undefined,
      firstSeen: columns.firstSeen[row]!,
      lastSeen: columns.lastSeen[row]!,
      overflowPairs: columns.overflowPairs[row]!,
    });
    for (let index = additions.from[row]!; index < additions.from[row + 1]!; index += 1) {
      const values = additions.values.size === 0 ? undefined : additions.values.get(index);
      if (values) this.#values.set(this.#slot.length, values);
      this.addAmount(seriesOf(additions.series[index]!), additions.slot[index]!, quantityAt(additions.amount, index));
    }
    for (let entry = evidence.from[row]!; entry < evidence.from[row + 1]!; entry += 1) {
      this.addEntry(seriesOf(evidence.series[entry]!), evidence.flows[entry]!, evidence.flags[entry]!, []);
      for (let index = evidence.sampleFrom[entry]!; index < evidence.sampleFrom[entry + 1]!; index += 1) {
        this.#sample.push(sampleOf(evidence.sample[index]!));
      }
    }
  }

  columns(): DeltaColumns {
    return {
      pks: this.#pks,
      fields: this.#fields,
      part: new Uint32Array(this.#part),
      hasTotals: new Uint8Array(this.#hasTotals),
      bytes: this.#bytes.column(),
      rejects: new Float64Array(this.#rejects),
      firstSeen: new Float64Array(this.#firstSeen),
      lastSeen: new Float64Array(this.#lastSeen),
      overflowPairs: new Float64Array(this.#overflowPairs),
      series: this.#series,
      additions: {
        from: new Uint32Array([...this.#additionFrom, this.#slot.length]),
        series: new Uint32Array(this.#additionSeries),
        slot: new Float64Array(this.#slot),
        amount: this.#amount.column(),
        values: this.#values,
      },
      evidence: {
        from: new Uint32Array([...this.#evidenceFrom, this.#flows.length]),
        series: new Uint32Array(this.#evidenceSeries),
        flows: new Float64Array(this.#flows),
        flags: new Uint32Array(this.#flags),
        sampleFrom: new Uint32Array([...this.#sampleFrom, this.#sample.length]),
        sample: new Uint32Array(this.#sample),
        table: this.#samples,
      },
    };
  }
}

function same(index: number): number {
  return index;
}
