import { plus } from '../../lambda/core/quantity.ts';
import type { PairCounter } from '../pair-counter.ts';

/** The sums of pairs by their place, in typed arrays: a million pairs take some 32 MB beside their names. */
export class PairSums {
  readonly src: string[] = [];
  readonly dst: string[] = [];
  readonly #places = new Map<string, number>();
  bytes = new Float64Array(1024);
  rejects = new Float64Array(1024);
  firstSeen = new Float64Array(1024).fill(Number.POSITIVE_INFINITY);
  lastSeen = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);
  /** What no longer fits into 53 bits, by place. */
  readonly #more = new Map<number, bigint>();

  /** The place of a pair, which is new if need be. */
  placeOf(src: string, dst: string): number {
    const name = `${src} ${dst}`;
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.src.length;
    this.#places.set(name, place);
    this.src.push(src);
    this.dst.push(dst);
    if (place === this.bytes.length) this.#grow();
    return place;
  }

  /** Adds an accepted flow's bytes, a safe integer. */
  addBytes(place: number, bytes: number): void {
    const sum = this.bytes[place]! + bytes;
    if (sum <= Number.MAX_SAFE_INTEGER) {
      this.bytes[place] = sum;
      return;
    }
    this.#more.set(place, (this.#more.get(place) ?? 0n) + BigInt(this.bytes[place]!));
    this.bytes[place] = bytes;
  }

  see(place: number, start: number, end: number): void {
    if (start < this.firstSeen[place]!) this.firstSeen[place] = start;
    if (end > this.lastSeen[place]!) this.lastSeen[place] = end;
  }

  /** Adds what was summed elsewhere. */
  add({ src, dst, bytes, rejects, firstSeen, lastSeen }: PairCounter): void {
    const place = this.placeOf(src, dst);
    if (typeof bytes === 'bigint') this.#more.set(place, (this.#more.get(place) ?? 0n) + bytes);
    else this.addBytes(place, bytes);
    this.rejects[place]! += rejects;
    this.see(place, firstSeen, lastSeen);
  }

  /** All of it, to be passed to another thread. */
  columns() {
    const { src, dst } = this;
    const [bytes, rejects] = [this.bytes.slice(0, src.length), this.rejects.slice(0, src.length)];
    const [firstSeen, lastSeen] = [this.firstSeen.slice(0, src.length), this.lastSeen.slice(0, src.length)];
    return { src, dst, bytes, rejects, firstSeen, lastSeen, more: this.#more };
  }

  /** Adds what another thread has summed. */
  addColumns({ src, dst, bytes, rejects, firstSeen, lastSeen, more }: ReturnType<PairSums['columns']>): void {
    for (const [other, one] of src.entries()) {
      const place = this.placeOf(one, dst[other]!);
      const further = more.get(other);
      if (further !== undefined) this.#more.set(place, (this.#more.get(place) ?? 0n) + further);
      this.addBytes(place, bytes[other]!);
      this.rejects[place]! += rejects[other]!;
      this.see(place, firstSeen[other]!, lastSeen[other]!);
    }
  }

  /** The pairs of which something was counted. */
  *sums(): Generator<PairCounter> {
    for (const [place, src] of this.src.entries()) {
      const lastSeen = this.lastSeen[place]!;
      if (lastSeen === Number.NEGATIVE_INFINITY) continue;
      yield {
        src,
        dst: this.dst[place]!,
        bytes: plus(this.#more.get(place) ?? 0, this.bytes[place]!),
        rejects: this.rejects[place]!,
        firstSeen: this.firstSeen[place]!,
        lastSeen,
      };
    }
  }

  #grow(): void {
    const grown = (values: Float64Array, rest: number) => {
      const larger = new Float64Array(values.length * 2).fill(rest, values.length);
      larger.set(values);
      return larger;
    };
    this.bytes = grown(this.bytes, 0);
    this.rejects = grown(this.rejects, 0);
    this.firstSeen = grown(this.firstSeen, Number.POSITIVE_INFINITY);
    this.lastSeen = grown(this.lastSeen, Number.NEGATIVE_INFINITY);
  }
}
