import type { BatchStart, Counting } from '../lambda/count/counter-store.ts';
import type { Batch } from '../lambda/counters/batch.ts';

/** The number of attempts of a batch so far, and at its completion; and what the first attempt decided. */
interface BatchMarker {
  readonly attempts: number;
  readonly atCompletion: number | undefined;
  readonly counting: Counting;
  readonly scope: Batch['scope'];
}

/** Retries of a batch arrive soon. */
const maxMarkers = 100_000;

/** Batch markers in memory, by dedup token. */
export class BatchMarkers {
  readonly #markers = new Map<string, BatchMarker>();

  get(token: string): BatchMarker | undefined {
    return this.#markers.get(token);
  }

  /** Records that an attempt of a batch starts: see CounterStore. */
  begin({ dedupToken, scope }: Batch, wanted: Counting = 'direct'): BatchStart & { readonly marker: BatchMarker } {
    const known = this.#markers.get(dedupToken) ?? { attempts: 0, atCompletion: undefined, counting: wanted, scope };
    const marker = { ...known, attempts: known.attempts + 1 };
    this.#markers.set(dedupToken, marker);
    if (this.#markers.size > maxMarkers) this.#markers.delete(this.#markers.keys().next().value!);
    const { atCompletion, counting } = known;
    return { counting, scope: known.scope, isRetry: known.attempts > 0, isCounted: atCompletion !== undefined, marker };
  }

  /** Records that a batch is complete. */
  complete({ dedupToken }: Batch): void {
    const marker = this.#markers.get(dedupToken);
    if (marker && marker.atCompletion === undefined) {
      this.#markers.set(dedupToken, { ...marker, atCompletion: marker.attempts });
    }
  }
}
