import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';

/** Sources whose flows are left out as logged at the source too, although no interface logged them there. */
export interface UnloggedSources {
  readonly sources: number;
  /** False if there were too many sources to remember: then all numbers are lower bounds. */
  readonly isComplete: boolean;
  /** Number and bytes of the flows that are left out. */
  readonly flows: number;
  readonly bytes: Quantity;
  /** The sources with the most bytes, at most ten. */
  readonly examples: readonly SourceFlows[];
}

/** A source with the flows that are left out. */
export interface SourceFlows {
  readonly address: string;
  readonly flows: number;
  readonly bytes: Quantity;
}

interface Observed {
  hasEgress: boolean;
  flows: number;
  bytes: Quantity;
}

const maxExamples = 10;

/**
 * Remembers which sources in the monitored networks have egress records, and which have flows that are left out. Remembers
 * the first 100,000 sources, about 15 MB: a remembered source is exact, and any further one is ignored.
 */
export class SourceObservations {
  readonly #sources = new Map<string, Observed>();
  readonly #maxSources: number;
  #isComplete = true;

  constructor(maxSources = 100_000) {
    this.#maxSources = maxSources;
  }

  /** Adds an egress record of a source, accepted or not. */
  addEgress(address: string): void {
    const source = this.#sourceOf(address);
    if (source) source.hasEgress = true;
  }

  /** Adds a flow that is left out. */
  addLeftOut(address: string, bytes: Quantity): void {
    const source = this.#sourceOf(address);
    if (!source) return;
    source.flows += 1;
    source.bytes = addQuantity(source.bytes, bytes);
  }

  /** Returns the sources with flows that are left out and without an egress record; undefined if there are none. */
  unlogged(): UnloggedSources | undefined {
    const found = [...this.#sources].filter(([, { hasEgress, flows }]) => !hasEgress && flows > 0);
    if (found.length === 0) return undefined;
    const all = found.map(([address, { flows, bytes }]): SourceFlows => ({ address, flows, bytes }));
    return {
      sources: all.length,
      isComplete: this.#isComplete,
      flows: all.reduce((sum, { flows }) => sum + flows, 0),
      bytes: all.reduce((sum: Quantity, { bytes }) => addQuantity(sum, bytes), 0),
      examples: all.sort(mostBytesFirst).slice(0, maxExamples),
    };
  }

  #sourceOf(address: string): Observed | undefined {
    const known = this.#sources.get(address);
    if (known) return known;
    if (this.#sources.size === this.#maxSources) {
      this.#isComplete = false;
      return undefined;
    }
    const added = { hasEgress: false, flows: 0, bytes: 0 };
    this.#sources.set(address, added);
    return added;
  }
}

function mostBytesFirst(a: SourceFlows, b: SourceFlows): number {
  if (a.bytes !== b.bytes) return a.bytes > b.bytes ? -1 : 1;
  return a.address < b.address ? -1 : 1;
}
