import type { ScenarioFlow } from './scenario.ts';
import { begin } from './scenario.ts';

/** The expected result of flows that are all counted once, by a slow and obvious computation. */
export interface Expected {
  /** By `src>dst`. */
  readonly pairs: ReadonlyMap<string, { bytes: number; rejects: number; firstSeen: number; lastSeen: number }>;
  /** The maximum window value of each rule and key, by `rule key`. */
  readonly maxValues: ReadonlyMap<string, number>;
}

/** The duration of every flow of a scenario, in seconds. */
export const flowSeconds = 30;

interface ReferenceRule {
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
    key: ({ src, dst }) => `${src}>${dst}`,
    matches: ({ action }) => action === 'REJECT',
    value: (flows) => flows.length,
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value > 2 * multiple,
  },
  bytes: {
    key: ({ src, dst }) => `${src}>${dst}`,
    matches: ({ action }) => action === 'ACCEPT',
    value: (flows) => flows.reduce((sum, { bytes }) => sum + bytes, 0),
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value >= 1500 * multiple,
  },
  fan_out: {
    key: ({ src }) => `${src}`,
    matches: () => true,
    value: (flows) => new Set(flows.map(({ dst }) => dst)).size,
    steps: [1, 2, 4],
    exceeds: (value, multiple) => value >= 3 * multiple,
  },
  busy_target: {
    key: ({ dst }) => `>${dst}`,
    matches: () => true,
    value: (flows) => flows.length,
    steps: [1, 2],
    exceeds: (value, multiple) => value >= 3 * multiple,
    notifiesResolution: true,
  },
  let_in: {
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

/** Computes the expected counters and window values of flows. */
export function expectedOf(flows: readonly ScenarioFlow[]): Expected {
  const pairs = new Map<string, { bytes: number; rejects: number; firstSeen: number; lastSeen: number }>();
  for (const { src, dst, action, bytes, end } of flows) {
    const pair = pairs.get(`${src}>${dst}`) ?? {
      bytes: 0,
      rejects: 0,
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: 0,
    };
    pairs.set(`${src}>${dst}`, {
      bytes: pair.bytes + (action === 'ACCEPT' ? bytes : 0),
      rejects: pair.rejects + (action === 'REJECT' ? 1 : 0),
      firstSeen: Math.min(pair.firstSeen, begin + end - flowSeconds),
      lastSeen: Math.max(pair.lastSeen, begin + end),
    });
  }
  const maxValues = new Map<string, number>();
  for (const [name, { key, matches, value }] of Object.entries(rules)) {
    for (const [group, members] of Map.groupBy(flows.filter(matches), key)) {
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
