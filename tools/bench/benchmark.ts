/** One comparison of a run. */
export interface Row {
  /** The number of the part, such as `1`, `1b` or `hunt`: docs/reference/performance.md. */
  readonly id: string;
  /** The measured work, its peer and the unit. */
  readonly name: string;
  /** Null if the peer is missing; `peer` and `ratio` are null for a number without a peer. */
  readonly ours: number | null;
  readonly peer: number | null;
  /** `ours` divided by `peer`, or the inverse: see `target`. */
  readonly ratio: number | null;
  /** Such as `>= 1.5` for the ratio, or `<= 200` for a number without a peer; null if there is no target. */
  readonly target: string | null;
  readonly met: boolean | null;
}

/** A peer that could not be measured. */
export interface Missing {
  readonly peer: string;
  readonly why: string;
}

/** The services of a run for its parts. */
export interface Bench {
  /** Prints what is measured now. */
  say(text: string): void;
  /** Adds a row. */
  add(row: Row): void;
  /** Records a missing peer; the run continues without it. */
  miss(missing: Missing): void;
  /** Uses small sizes, to check that all parts run: the numbers mean nothing. */
  readonly isQuick: boolean;
}

/** A part of the run. */
export interface Part {
  readonly number: string;
  readonly title: string;
  /** @throws Error if the part cannot be measured, or a contestant has a wrong result */
  readonly run: (bench: Bench) => Promise<void>;
}

export interface Target {
  readonly compare: '>=' | '<=';
  readonly value: number;
}

/** The input of a row. */
interface Measured {
  readonly id: string;
  readonly name: string;
  readonly ours: number;
  readonly target?: Target | undefined;
}

const rounded = (value: number) => Number(value.toPrecision(4));

/** Creates a row whose ratio is the peer's time divided by ours. */
export function timesAsFast(row: Measured & { readonly peer: number }): Row {
  return compared({ ...row, ratio: row.peer / row.ours });
}

/** Creates a row whose ratio is our number divided by the peer's. */
export function timesThePeer(row: Measured & { readonly peer: number }): Row {
  return compared({ ...row, ratio: row.ours / row.peer });
}

/** Creates a row of a number without a peer. */
export function counted(row: Measured): Row {
  return {
    ...textOfTarget(row.ours, row.target),
    id: row.id,
    name: row.name,
    ours: rounded(row.ours),
    peer: null,
    ratio: null,
  };
}

function compared({
  id,
  name,
  ours,
  peer,
  ratio,
  target,
}: {
  readonly id: string;
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  readonly target?: Target | undefined;
}): Row {
  return { id, name, ours: rounded(ours), peer: rounded(peer), ratio: rounded(ratio), ...textOfTarget(ratio, target) };
}

function textOfTarget(value: number, target: Target | undefined): Pick<Row, 'target' | 'met'> {
  if (!target) return { target: null, met: null };
  const met = target.compare === '>=' ? value >= target.value : value <= target.value;
  return { target: `${target.compare} ${target.value}`, met };
}
