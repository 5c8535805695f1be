import type { Level } from '../../lambda/rules/level.ts';
import type { ScenarioFlow } from './scenario.ts';
import { begin, firstArrival, forgedTimes } from './scenario.ts';

/** The expected result of flows that are all counted once, by a slow and obvious computation. */
export interface Expected {
  /** By `src>dst`. */
  readonly pairs: ReadonlyMap<string, ExpectedPair>;
  /** The maximum window value of each rule and key, by `rule key`. */
  readonly maxValues: ReadonlyMap<string, number>;
}

/** The expected counter of a pair. A flow with an implausible time is seen at its arrival, which a retry may change. */
export interface ExpectedPair {
  readonly bytes: Range;
  readonly rejects: Range;
  readonly firstSeen: Range;
  readonly lastSeen: Range;
}

/** The smallest and the largest correct value. */
export type Range = readonly [number, number];

/** The duration of every flow of a scenario, in seconds. */
export const flowSeconds = 30;

interface ReferenceRule {
  readonly level: Level;
  readonly key: (flow: ScenarioFlow) => string;
  readonly matches: (flow: ScenarioFlow) => boolean;
  /**
   * @param flows of the window
   * @param all flows of the key
   */
  readonly value: (flows: ScenarioFlow[], all: ScenarioFlow[]) => number;
  /** The multiples of the threshold at which the rule alerts. */
  readonly steps: readonly number[];
  readonly exceeds: (value: number, multiple: number) => boolean;
  /** The rule has `ended: true`: it sends a resolution notice. */
  readonly notifiesResolution?: true;
}

/** The rules of rules.ts, written a second time as plain code. */
const rules: Record<string, ReferenceRule> = {
  rejects: {
    level: 'low',
    key: ({ src, dst }) => `${src}>${dst}`,
    matches: ({ action }) => action === 'REJECT',
    value: (flows) => flows.length,
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value > 2 * multiple,
  },
  bytes: {
    level: 'high',
    key: ({ src, dst }) => `${src}>${dst}`,
    matches: ({ action }) => action === 'ACCEPT',
    value: (flows) => flows.reduce((sum, { bytes }) => sum + bytes, 0),
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value >= 1500 * multiple,
  },
  fan_out: {
    level: 'medium',
    key: ({ src }) => `${src}`,
    matches: () => true,
    value: (flows) => new Set(flows.map(({ dst }) => dst)).size,
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value >= 3 * multiple,
  },
  busy_target: {
    level: 'informational',
    key: ({ dst }) => `>${dst}`,
    matches: () => true,
    value: (flows) => flows.length,
    steps: [1, 2],
    exceeds: (value, multiple) => value >= 3 * multiple,
    notifiesResolution: true,
  },
  in_use: {
    level: 'medium',
    key: ({ src }) => `${src}`,
    matches: () => true,
    value: (flows) => new Set(flows.map(slotOf)).size,
    steps: [1],
    exceeds: (value) => value >= 3,
  },
  let_in: {
    level: 'critical',
    key: ({ src }) => `${src}`,
    matches: () => true,
    value: (flows, all) => {
      const knocks = flows.filter((flow) => isKnock(flow, all)).map((flow) => slotOf(flow) * slotSeconds);
      if (knocks.length === 0) return 0;
      return flows.some(({ action, end }) => action === 'ACCEPT' && begin + end > Math.min(...knocks)) ? 2 : 1;
    },
    steps: [1],
    exceeds: (value) => value >= 2,
  },
};

/** Returns whether the window that ends with the slot of this flow has two rejects. */
function isKnock(flow: ScenarioFlow, all: readonly ScenarioFlow[]): boolean {
  const isReject = ({ action }: ScenarioFlow) => action === 'REJECT';
  return isReject(flow) && all.filter((one) => isReject(one) && isInWindowOf(one, flow)).length >= 2;
}

/** Returns the multiples of the threshold that a value reaches, ascending. */
export function multiplesOf(rule: string, value: number): number[] {
  const { steps, exceeds } = rules[rule]!;
  return steps.filter((multiple) => exceeds(value, multiple));
}

/** Returns whether a rule sends resolution notices. */
export function notifiesResolution(rule: string): boolean {
  return rules[rule]!.notifiesResolution ?? false;
}

/** Returns when a flow is seen: its start and its end, or any time at which its record may arrive. */
function seenAt({ end, forged }: ScenarioFlow): readonly [Range, Range] {
  if (isForgedEnd(forged)) return [arrivals, arrivals];
  const [start, finish] = [begin + end - flowSeconds, begin + end];
  const first = forged === undefined ? start : finish;
  return [
    [first, first],
    [finish, finish],
  ];
}

/** The times at which records may arrive: a retry may report other times, see `skewOnRetry` in scenario.ts. */
const arrivals: Range = [firstArrival - 300, firstArrival + 3600];

function isForgedEnd(forged: string | undefined): boolean {
  return forged !== undefined && forgedTimes[forged]?.end !== undefined;
}

/** Returns the level of a rule. */
export function levelOf(rule: string): Level {
  return rules[rule]!.level;
}

/**
 * Returns the number of messages of a minute that levels below this one never take: a fifth. With few messages a minute,
 * a level has at least one.
 */
export function ownMessages(level: Level, perMinute: number): number {
  const below = levels.indexOf(level);
  return maxMessages(level, perMinute) - (below === 0 ? 0 : maxMessages(levels[below - 1]!, perMinute));
}

/** Returns the maximum number of messages of a minute of a level and all levels below. */
export function maxMessages(level: Level, perMinute: number): number {
  return Math.floor((perMinute * (levels.indexOf(level) + 1)) / 5);
}

/** The levels, the least severe first. */
export const levels: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** Computes the expected counters and window values of flows. All flows add to totals, those with a true end to windows. */
export function expectedOf(flows: readonly ScenarioFlow[]): Expected {
  const pairs = new Map<string, ExpectedPair>();
  for (const [name, ofPair] of Map.groupBy(flows, ({ src, dst }) => `${src}>${dst}`)) {
    const bytes = ofPair.reduce((sum, flow) => sum + (flow.action === 'ACCEPT' ? flow.bytes : 0), 0);
    const rejects = ofPair.filter(({ action }) => action === 'REJECT').length;
    const [firsts, lasts] = [ofPair.map((flow) => seenAt(flow)[0]), ofPair.map((flow) => seenAt(flow)[1])];
    const endsOf = (ranges: readonly Range[], chosen: (...numbers: number[]) => number): Range => [
      chosen(...ranges.map(([smallest]) => smallest)),
      chosen(...ranges.map(([, largest]) => largest)),
    ];
    pairs.set(name, {
      bytes: [bytes, bytes],
      rejects: [rejects, rejects],
      firstSeen: endsOf(firsts, Math.min),
      lastSeen: endsOf(lasts, Math.max),
    });
  }
  const inTime = flows.filter(({ forged }) => !isForgedEnd(forged));
  const maxValues = new Map<string, number>();
  for (const [name, { key, matches, value }] of Object.entries(rules)) {
    for (const [group, members] of Map.groupBy(inTime.filter(matches), key)) {
      const windows = members.map((last) => members.filter((flow) => isInWindowOf(flow, last)));
      maxValues.set(`${name} ${group}`, Math.max(...windows.map((window) => value(window, members))));
    }
  }
  return { pairs, maxValues };
}

/** The slot of a timespan of an hour, in seconds. */
const slotSeconds = 180;

function slotOf({ end }: ScenarioFlow): number {
  return Math.floor((begin + end) / slotSeconds);
}

/** A window of an hour has the slot of its last flow, and the 20 slots before. */
function isInWindowOf(flow: ScenarioFlow, last: ScenarioFlow): boolean {
  return slotOf(flow) <= slotOf(last) && slotOf(flow) >= slotOf(last) - 20;
}
