import { daySeconds } from '../../lambda/common/calendar.ts';
import type { Period } from './flow-counts.ts';

/** A group of flows is apart from the others if no flow ended for this long before and after the group, in seconds. */
const gapSeconds = 3 * daySeconds;

/** A group that is apart is set aside if it has less than this share of the flows. */
const minShare = 0.01;

/** The time from the first to the last end of the flows, in epoch seconds, without the flows that are set aside. */
export interface FlowRange extends Period {
  /** Number of flows whose time is apart from the others, as of a host with a wrong clock. */
  readonly setAside: number;
}

/** Flows that ended with a gap of at most three days between one and the next. */
interface Group extends Period {
  readonly flows: number;
}

/** Flows of one day in UTC: their number, and the time from their first to their last end. */
export interface DayOfFlows extends Period {
  readonly flows: number;
}

/** The times at which flows ended. Memory grows with the days, not with the flows. */
export class FlowTimes {
  readonly #days = new Map<number, { flows: number; from: number; to: number }>();

  /** Adds a flow. @param end in epoch seconds */
  add(end: number): void {
    this.addAll({ flows: 1, from: end, to: end });
  }

  /** Adds flows that ended on one day. */
  addAll({ flows, from, to }: DayOfFlows): void {
    const number = Math.floor(from / daySeconds);
    const day = this.#days.get(number);
    if (!day) {
      this.#days.set(number, { flows, from, to });
      return;
    }
    day.flows += flows;
    if (from < day.from) day.from = from;
    if (to > day.to) day.to = to;
  }

  /** Returns the range of the flows; undefined without flows. */
  range(): FlowRange | undefined {
    const groups = this.#groups();
    const total = sumOf(groups);
    const large = groups.filter(({ flows }) => flows >= total * minShare);
    const taken = large.length > 0 ? large : groups;
    const [first, last] = [taken[0], taken.at(-1)];
    return first && last && { from: first.from, to: last.to, setAside: total - sumOf(taken) };
  }

  /** Returns the groups in order of time. */
  #groups(): Group[] {
    const groups: { flows: number; from: number; to: number }[] = [];
    for (const [, day] of [...this.#days].sort(([a], [b]) => a - b)) {
      const group = groups.at(-1);
      if (group && day.from - group.to <= gapSeconds) {
        group.flows += day.flows;
        group.to = day.to;
      } else groups.push({ ...day });
    }
    return groups;
  }
}

function sumOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { flows }) => sum + flows, 0);
}
