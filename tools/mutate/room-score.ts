import type { TriedMutant } from './try-mutants.ts';

/** The number of faults of a room by outcome; the keys are part of the JSON. */
export interface RoomScore {
  readonly room: string;
  readonly killed: number;
  readonly survived: number;
  readonly timedOut: number;
  /** The share of faults that the tests found; an endless loop is found too. */
  readonly share: number;
  readonly minShare: number;
  readonly isEnough: boolean;
}

/** Counts the outcomes by room. @param minShares by room (default of a room: 0) */
export function roomScores(
  tried: readonly Pick<TriedMutant, 'room' | 'outcome'>[],
  minShares: Readonly<Record<string, number>>,
): RoomScore[] {
  return [...Map.groupBy(tried, ({ room }) => room)].map(([room, mutants]) => {
    const count = (outcome: TriedMutant['outcome']) => mutants.filter((mutant) => mutant.outcome === outcome).length;
    const [killed, survived, timedOut] = [count('killed'), count('survived'), count('timed out')];
    const share = (killed + timedOut) / mutants.length;
    const minShare = minShares[room] ?? 0;
    return { room, killed, survived, timedOut, share, minShare, isEnough: share >= minShare };
  });
}

/** Returns the scores as an aligned table. */
export function scoreTable(scores: readonly RoomScore[]): string {
  const rows = scores.map(({ room, killed, survived, timedOut, share, minShare, isEnough }) => [
    room,
    ...[killed, survived, timedOut].map(String),
    `${Math.floor(share * 100)} %`,
    isEnough ? '' : `below ${Math.round(minShare * 100)} %`,
  ]);
  const table = [['room', 'killed', 'survived', 'timed out', 'share', ''], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
