import type { ColumnsBuilder } from './columns-builder.ts';
import { lostFields, maxSamples } from './row-evidence.ts';

interface Entry {
  flows: number;
  flags: number;
  /** Indexes in the builder's table. */
  readonly samples: number[];
}

/** The evidence of one key from several rows: the sum of flows, and the first eight distinct samples. */
export class MergedEvidence {
  readonly #builder: ColumnsBuilder;
  readonly #bySeries = new Map<number, Entry>();

  constructor(builder: ColumnsBuilder) {
    this.#builder = builder;
  }

  /** Adds an entry of a row. @param samples indexes in the builder's table */
  add(series: number, flows: number, flags: number, samples: readonly number[]): void {
    const known = this.#bySeries.get(series);
    if (!known) {
      this.#bySeries.set(series, { flows, flags, samples: [...samples] });
      return;
    }
    known.flows += flows;
    known.flags |= flags;
    for (const sample of samples) {
      if (known.samples.includes(sample)) continue;
      if (known.samples.length < maxSamples) known.samples.push(sample);
      else
        known.flags |= lostFields(
          this.#builder.sampleAt(sample),
          known.samples.map((one) => this.#builder.sampleAt(one)),
        );
    }
  }

  /** Adds the evidence to the builder's last row. */
  write(): void {
    for (const [series, { flows, flags, samples }] of this.#bySeries)
      this.#builder.addEntry(series, flows, flags, samples);
  }
}
