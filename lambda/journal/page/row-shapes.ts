import { type ByteWriter, unzigzag, zigzag } from '../../common/byte-writer.ts';

/** How the amount of an addition follows from its row; `amount` and `values` are written separately. */
export const forms = { bytes: 0, one: 1, rejects: 2, amount: 3, values: 4 } as const;
const formCount = 5;

/** An addition without its amount. */
export interface AdditionShape {
  readonly series: number;
  /** The number of slots from the addition's slot to that of the row's `lastSeen`. */
  readonly slotsBefore: number;
  readonly form: number;
}

/** An entry of evidence without its number of flows and samples. */
export interface EvidenceShape {
  readonly series: number;
  readonly flags: number;
  /** True if flows and samples are those of the entry before it. */
  readonly isRepeated: boolean;
}

/** Returns the number that means an addition's shape. @param seriesCount number of series in the page's table */
export function additionCode({ series, slotsBefore, form }: AdditionShape, seriesCount: number): number {
  return (zigzag(slotsBefore) * seriesCount + series) * formCount + form;
}

/** Returns the shape of a code: the inverse of additionCode. */
export function additionShape(code: number, seriesCount: number): AdditionShape {
  const rest = Math.floor(code / formCount);
  return {
    series: rest % seriesCount,
    slotsBefore: unzigzag(Math.floor(rest / seriesCount)),
    form: code % formCount,
  };
}

/** Returns the number that means the shape of an entry of evidence. */
export function evidenceCode({ series, flags, isRepeated }: EvidenceShape, seriesCount: number): number {
  return (flags * seriesCount + series) * 2 + (isRepeated ? 1 : 0);
}

/** Returns the shape of a code: the inverse of evidenceCode. */
export function evidenceShape(code: number, seriesCount: number): EvidenceShape {
  const rest = Math.floor(code / 2);
  return { series: rest % seriesCount, flags: Math.floor(rest / seriesCount), isRepeated: code % 2 === 1 };
}

/** A node of the tree of shapes: the codes from the root to here are the beginning of a shape. */
interface Node {
  readonly next: Map<number, Node>;
  shape: number | undefined;
}

/**
 * The shapes of a page's rows, each with its number. A shape is the number of additions, their codes, and the codes of the
 * evidence. Most rows have one of a few shapes.
 */
export class RowShapes {
  readonly #root: Node = { next: new Map(), shape: undefined };
  readonly #shapes: (readonly number[])[] = [];

  /** Returns the number of a shape; a new shape gets the next one. */
  indexOf(codes: readonly number[]): number {
    let node = this.#root;
    for (const code of codes) {
      let next = node.next.get(code);
      if (!next) {
        next = { next: new Map(), shape: undefined };
        node.next.set(code, next);
      }
      node = next;
    }
    node.shape ??= this.#shapes.push([...codes]) - 1;
    return node.shape;
  }

  write(writer: ByteWriter): void {
    writer.number(this.#shapes.length);
    for (const codes of this.#shapes) {
      writer.number(codes.length);
      for (const code of codes) writer.number(code);
    }
  }
}
