import type { ScenarioFlow } from './scenario.ts';
import { begin } from './scenario.ts';

/** What must have come of flows that were all counted once: the slow, obvious computation. */
export interface Expected {
  /** By `src>dst`. */
  readonly pairs: ReadonlyMap<string, { bytes: number; rejects: number; firstSeen: number; lastSeen: number }>;
  /** The fullest window that there is for each rule and key, by `rule key`. */
  readonly fullest: ReadonlyMap<string, number>;
}

/** How long a flow lasts in every scenario, in seconds. */
export const flowSeconds = 30;

interface PlainRule {
  readonly key: (flow: ScenarioFlow) => string;
  readonly counts: (flow: ScenarioFlow) => boolean;
  /** @param flows those of a window; @param all those of the key */
  readonly value: (flows: ScenarioFlow[], all: ScenarioFlow[]) => number;
  /** The multiples of the threshold at which it alerts. */
  readonly steps: readonly number[];
  readonly isOver: (value: number, multiple: number) => boolean;
  /** Whether it tells of the end. */
  readonly ended?: true;
}

/** The rules of rules.ts again, in plain words of code. */
const rules: Record<string, PlainRule> = {
  rejects: {
    key: ({ src, dst }) => `${src}>${dst}`,
    counts: ({ action }) => action === 'REJECT',
    value: (flows) => flows.length,
    steps: [1, 2, 4],
    isOver: (value, multiple) => value > 2 * multiple,
  },
  bytes: {
    key: ({ src, dst }) => `${src}>${dst}`,
    counts: ({ action }) => action === 'ACCEPT',
    value: (flows) => flows.reduce((sum, { bytes }) => sum + bytes, 0),
    steps: [1, 2, 4],
    isOver: (value, multiple) => value >= 1500 * multiple,
  },
  fan_out: {
    key: ({ src }) => `${src}`,
    counts: () => true,
    value: (flows) => new Set(flows.map(({ dst }) => dst)).size,
    steps: [1, 2, 4],
    isOver: (value, multiple) => value >= 3 * multiple,
  },
  busy_target: {
    key: ({ dst }) => `>${dst}`,
    counts: () => true,
    value: (flows) => flows.length,
    steps: [1, 2],
    isOver: (value, multiple) => value >= 3 * multiple,
    ended: true,
  },
  let_in: {
    key: ({ src }) => `${src}`,
    counts: () => true,
    value: (flows, all) => {
      const knocks = flows.filter((flow) => isKnock(flow, all)).map((flow) => slotOf(flow) * slotSeconds);
      if (knocks.length === 0) return 0;
      return flows.some(({ action, end }) => action === 'ACCEPT' && begin + end > Math.min(...knocks)) ? 2 : 1;
    },
    steps: [1],
    isOver: (value) => value >= 2,
  },
};

/** Whether two rejects lie in the window that ends with the slot of this one. */
function isKnock(flow: ScenarioFlow, all: readonly ScenarioFlow[]): boolean {
  const isReject = ({ action }: ScenarioFlow) => action === 'REJECT';
  return isReject(flow) && all.filter((one) => isReject(one) && isInWindowOf(one, flow)).length >= 2;
}

/** The multiples of the threshold that a value has reached, ascending. */
export function multiplesOf(rule: string, value: number): number[] {
  const { steps, isOver } = rules[rule]!;
  return steps.filter((multiple) => isOver(value, multiple));
}

/** Whether a rule tells of the end of what it alerted. */
export function tellsOfEnds(rule: string): boolean {
  return rules[rule]!.ended ?? false;
}

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
  const fullest = new Map<string, number>();
  for (const [name, { key, counts, value }] of Object.entries(rules)) {
    for (const [group, members] of Map.groupBy(flows.filter(counts), key)) {
      const windows = members.map((last) => members.filter((flow) => isInWindowOf(flow, last)));
      fullest.set(`${name} ${group}`, Math.max(...windows.map((window) => value(window, members))));
    }
  }
  return { pairs, fullest };
}

/** A slot of a timespan of an hour, in seconds. */
const slotSeconds = 180;

function slotOf({ end }: ScenarioFlow): number {
  return Math.floor((begin + end) / slotSeconds);
}

/** A window of an hour is the slot that its last flow lies in, and the 20 before. */
function isInWindowOf(flow: ScenarioFlow, last: ScenarioFlow): boolean {
  return slotOf(flow) <= slotOf(last) && slotOf(flow) >= slotOf(last) - 20;
}
