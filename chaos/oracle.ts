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

/** The rules of rules.ts again, in plain words of code. */
const rules: Record<
  string,
  {
    key: (flow: ScenarioFlow) => string;
    counts: (flow: ScenarioFlow) => boolean;
    value: (flows: ScenarioFlow[]) => number;
  }
> = {
  rejects: {
    key: ({ src, dst }) => `${src}>${dst}`,
    counts: ({ action }) => action === 'REJECT',
    value: (flows) => flows.length,
  },
  bytes: {
    key: ({ src, dst }) => `${src}>${dst}`,
    counts: ({ action }) => action === 'ACCEPT',
    value: (flows) => flows.reduce((sum, { bytes }) => sum + bytes, 0),
  },
  fan_out: {
    key: ({ src }) => `${src}`,
    counts: () => true,
    value: (flows) => new Set(flows.map(({ dst }) => dst)).size,
  },
};

/** The threshold of a rule's value, and the multiples of it at which it alerts. */
const isOver: Record<string, (value: number, multiple: number) => boolean> = {
  rejects: (value, multiple) => value > 2 * multiple,
  bytes: (value, multiple) => value >= 1500 * multiple,
  fan_out: (value, multiple) => value >= 3 * multiple,
};

/** The multiples of the threshold that a value has reached, ascending. */
export function multiplesOf(rule: string, value: number): number[] {
  return [1, 2, 4].filter((multiple) => isOver[rule]!(value, multiple));
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
      fullest.set(`${name} ${group}`, Math.max(...windows.map(value)));
    }
  }
  return { pairs, fullest };
}

/** A window of an hour is the slot of 180 s that its last flow lies in, and the 20 before. */
function isInWindowOf(flow: ScenarioFlow, last: ScenarioFlow): boolean {
  const slot = ({ end }: ScenarioFlow) => Math.floor((begin + end) / 180);
  return slot(flow) <= slot(last) && slot(flow) >= slot(last) - 20;
}
