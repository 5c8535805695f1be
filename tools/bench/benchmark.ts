/** One comparison, as it comes out of a run. */
export interface Row {
  /** The number of the target that it is about, such as `1` or `1b`: docs/reference/performance.md. */
  readonly id: string;
  /** What is measured, against what, and in what unit. */
  readonly name: string;
  /** Null where the peer is missing; of what has no peer, `peer` and `ratio` are null. */
  readonly ours: number | null;
  readonly peer: number | null;
  /** How `ours` and `peer` compare: which way round, the target tells. */
  readonly ratio: number | null;
  /** Such as `>= 1.5` of the ratio, or `<= 200` of what has no peer; null for what is only shown. */
  readonly target: string | null;
  readonly met: boolean | null;
}

/** A peer that could not be measured. */
export interface Missing {
  readonly peer: string;
  readonly why: string;
}

/** What a part of the run may ask for. */
export interface Bench {
  /** Tells what is measured now. */
  say(text: string): void;
  /** Adds a row. */
  add(row: Row): void;
  /** Notes that a peer is missing; the run goes on without it. */
  miss(missing: Missing): void;
  /** Small enough for a look whether all parts run: the numbers mean nothing. */
  readonly isQuick: boolean;
}

/** A part of the run. */
export interface Part {
  readonly number: string;
  readonly title: string;
  /** @throws Error when it cannot be measured, or what was measured did wrong work */
  readonly run: (bench: Bench) => Promise<void>;
}

export interface Target {
  readonly compare: '>=' | '<=';
  readonly value: number;
}

/** What a row is made of. */
interface Measured {
  readonly id: string;
  readonly name: string;
  readonly ours: number;
  readonly target?: Target | undefined;
}

const rounded = (value: number) => Number(value.toPrecision(4));

/** A row of what is better when it takes less: the ratio says how many times as long the peer takes. */
export function timesAsFast(row: Measured & { readonly peer: number }): Row {
  return compared({ ...row, ratio: row.peer / row.ours });
}

/** A row of which the ratio says how many times the peer's ours is. */
export function timesThePeer(row: Measured & { readonly peer: number }): Row {
  return compared({ ...row, ratio: row.ours / row.peer });
}

/** A row of a number by itself. */
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
