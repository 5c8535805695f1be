import { utc } from '../common/format-units.ts';
import type { Around } from '../context/around.ts';
import type { Raise } from '../context/raise-level.ts';
import type { Note } from '../context/relate.ts';

/** The part of an alert's JSON body about what happened around its hosts. Times are epoch seconds. */
export interface AroundBody {
  /** False if the context events could not be read. */
  readonly read: boolean;
  readonly asOf?: number;
  /** The most telling first, at most 16. */
  readonly notes: readonly Pick<Note, 'kind' | 'id' | 'text' | 'time' | 'level' | 'raises'>[];
  readonly raised?: Raise;
}

const maxNotes = 16;

/** The most lines about what happened around a host in an e-mail. */
const maxLines = 8;

/** Returns the JSON of what happened around the hosts of an alert. */
export function aroundBody({ asOf, notes, raise }: Omit<Around, 'scene'>): AroundBody {
  return {
    read: asOf !== undefined,
    ...(asOf !== undefined && { asOf }),
    notes: notes.slice(0, maxNotes).map(({ isNews: _, ...note }) => note),
    ...(raise && { raised: raise }),
  };
}

/**
 * Writes what happened around the hosts of an alert, after an empty line; no lines without context events.
 *
 * @param room the most lines, with the empty one and the title
 */
export function aroundLines(around: AroundBody | undefined, room: number): string[] {
  if (!around) return [];
  if (!around.read) return ['', 'Around this host: not known, context events could not be read'];
  const asOf = `as of ${utc(around.asOf!)} UTC`;
  const { notes, raised } = around;
  if (notes.length === 0 && !raised) return ['', `Around this host: nothing else within a day, ${asOf}`];
  const reason = raised
    ? [`- Raised from ${raised.from.toUpperCase()} to ${raised.to.toUpperCase()}: ${raised.reason}`]
    : [];
  const places = Math.max(1, Math.min(maxLines, room - 2) - reason.length);
  const shown = notes.slice(0, notes.length > places ? places - 1 : places).map(({ text }) => `- ${text}`);
  const others = notes.length - shown.length;
  const more = others > 0 ? [`- ${others} more in the JSON of this alert`] : [];
  return ['', `Around this host, ${asOf}`, ...reason, ...shown, ...more];
}
