import type { Quantity } from '../../lambda/core/quantity.ts';
import { plus } from '../../lambda/core/quantity.ts';

/** The sums of a pair; times in epoch seconds. */
export interface PairSum {
  readonly src: string;
  readonly dst: string;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

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
  add({ src, dst, bytes, rejects, firstSeen, lastSeen }: PairSum): void {
    const place = this.placeOf(src, dst);
    if (typeof bytes === 'bigint') this.#more.set(place, (this.#more.get(place) ?? 0n) + bytes);
    else this.addBytes(place, bytes);
    this.rejects[place]! += rejects;
    this.see(place, firstSeen, lastSeen);
  }

  /** The pairs of which something was counted. */
  *sums(): Generator<PairSum> {
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
