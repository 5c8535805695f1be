import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SlotRange, type SlotValue, touchedWindows, windowSlots } from '../../../lambda/counters/window.ts';
import { boundsOf, couldExceed } from '../../../lambda/evaluate/upper-bound.ts';
import { evaluateWindow } from '../../../lambda/evaluate/window-value.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import type { Rule } from '../../../lambda/rules/model.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { networks } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

/** A flow of these tests: its detection, when it ended after `epoch`, and its fields. */
interface Seen {
  readonly of: 'a' | 'b' | 'c';
  readonly at: number;
  /** Undefined if the record has no bytes. */
  readonly bytes: number | undefined;
  readonly port: number;
  readonly src: string;
  readonly dst: string;
}

const host = '10.0.1.5';
const slotSeconds = 3;
/** A minute, in twentieths: windows of 21 slots of three seconds. */
const timespan = 20 * slotSeconds;

const names = ['a', 'b', 'c'] as const;
const detectionOf = (name: Seen['of']) =>
  `title: ${name}\nname: ${name}\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: ${names.indexOf(name) + 1}}, condition: s}`;

const grouped = `group-by: [srcaddr], timespan: ${timespan}s`;

/** Groups by a host with an alias: the source of the flows of `a` and `c`, the target of the flows of `b`. */
const eitherEnd = `aliases: {host: {a: srcaddr, b: dstaddr, c: srcaddr}}, group-by: [host], timespan: ${timespan}s`;

/** Compiles a rule over some of the detections, and over correlations named `inner0`, `inner1`, ... */
function ruleOf(correlation: string, block = '', ...inner: string[]): { rule: Rule; rules: LoadedRules } {
  const correlations = [
    `title: outer\ncorrelation: {${correlation}}\n${block}`,
    ...inner.map((text, index) => `title: inner\nname: inner${index}\ncorrelation: {${grouped}, ${text}}`),
  ];
  const named = new Set(correlations.flatMap((text) => /rules: \[(.*?)\]/.exec(text)![1]!.split(', ')));
  const text = [
    ...names.filter((name) => named.has(name) || block.includes(`while: ${name}`)).map(detectionOf),
    ...correlations,
  ];
  const rules = loadRules(compileRules([{ path: 'rules/mine.yml', text: text.join('\n---\n') }], networks));
  return { rule: rules.rules.get('mine')!, rules };
}

const flowsOf = (seen: readonly Seen[]) =>
  seen.map(({ of, at, bytes, port, src, dst }) =>
    flowOf({
      dstport: names.indexOf(of) + 1,
      srcport: port,
      bytes: bytes ?? '-',
      srcaddr: src,
      dstaddr: dst,
      start: epoch + at,
      end: epoch + at,
    }),
  );

/** Returns all windows of the host's counter, each with the rule's result and the flows within. */
function windowsOf({ rule, rules }: ReturnType<typeof ruleOf>, seen: readonly Seen[]) {
  const arrived = flowsOf(seen).map((flow) => ({ flow, arrival: epoch }));
  const slots = new Map<string, Map<number, SlotValue>>();
  for (const { key, additions } of deltasOf(arrived, rules)) {
    if (key.fields.size !== 1 || [...key.fields.values()][0] !== host) continue;
    for (const addition of additions) {
      const filled = slots.get(addition.series) ?? new Map<number, SlotValue>();
      slots.set(addition.series, filled);
      filled.set(addition.slot, 'amount' in addition ? addition.amount : new Set(addition.values));
    }
  }
  const { series } = rules;
  const seconds = series.get(allSeriesOf(rule)[0]!)!.slotSeconds;
  const filled = allSeriesOf(rule).flatMap((id) => [...(slots.get(id)?.keys() ?? [])]);
  return touchedWindows(filled, filled, windowSlots(rule.timespanSeconds, seconds)).map((range) => {
    const result = evaluateWindow(rule, range, { slots, series });
    // In each test here: the sum over all slots never rules out a window that exceeds the threshold.
    if (result.multiple !== undefined) expect(couldExceed(rule, boundsOf({ slots }))).toBe(true);
    return { range, result, within: seen.filter((one) => isWithin(one, range, seconds)) };
  });
}

function isWithin({ at }: Seen, { first, last }: SlotRange, seconds = slotSeconds): boolean {
  return epoch + at >= first * seconds && epoch + at < (last + 1) * seconds;
}

const one = (of: Seen['of'], at: number, bytes = 1): Seen => ({ of, at, bytes, port: 1, src: host, dst: '10.0.2.7' });

const slotOf = ({ at }: Seen) => Math.floor((epoch + at) / slotSeconds);

const anySeen = (spread = 3 * timespan, kinds: readonly Seen['of'][] = names) =>
  fc.array(
    fc.record({
      of: fc.constantFrom(...kinds),
      at: fc.nat(spread),
      bytes: fc.option(fc.nat(100), { nil: undefined, freq: 8 }),
      port: fc.integer({ min: 1, max: 12 }),
      src: fc.constant(host),
      dst: fc.constant('10.0.2.7'),
    }),
    { maxLength: 60, size: 'max' },
  );

/** Returns the largest of 1 and some multiples of the threshold that a value exceeds: the slow oracle. */
function multipleOf(value: number, comparison: 'gt' | 'gte', threshold: number, steps: readonly number[]) {
  return [1, ...steps].filter((n) => (comparison === 'gt' ? value > n * threshold : value >= n * threshold)).at(-1);
}

const anyCondition = fc.record({
  comparison: fc.constantFrom('gt', 'gte'),
  threshold: fc.integer({ min: 1, max: 40 }),
});
const bytesOf = (seen: readonly Seen[]) => seen.flatMap(({ bytes }) => bytes ?? []);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('evaluateWindow, for a value', () => {
  it.each([
    ['event_count', '', (seen: readonly Seen[]) => seen.length],
    ['value_sum', ', field: bytes', (seen: readonly Seen[]) => sum(bytesOf(seen))],
    ['value_count', ', field: srcport', (seen: readonly Seen[]) => new Set(seen.map(({ port }) => port)).size],
  ] as const)('returns the %s%s of the flows within the window', (type, field, measure) => {
    fc.assert(
      fc.property(anySeen(), anyCondition, (seen, { comparison, threshold }) => {
        const rule = ruleOf(
          `${grouped}, type: ${type}, rules: [a, b, c], condition: {${comparison}: ${threshold}${field}}`,
          'alert: {escalate: [2, 5]}',
        );
        for (const { result, within } of windowsOf(rule, seen)) {
          const value = measure(within);
          const multiple = multipleOf(value, comparison, threshold, [2, 5]);
          expect(result).toEqual({ value, isLowerBound: false, multiple });
        }
      }),
    );
  });

  it('counts combinations when value_count has several fields', () => {
    const rule = ruleOf(
      'type: value_count, rules: [a, b, c], group-by: [srcaddr], timespan: 1h, condition: {gte: 8, field: [srcport, dstport]}',
    );
    fc.assert(
      fc.property(anySeen(3 * 3600), (seen) => {
        for (const { result, within } of windowsOf(rule, seen)) {
          const value = new Set(within.map(({ port, of }) => `${port} ${of}`)).size;
          expect(result).toMatchObject({ value, multiple: multipleOf(value, 'gte', 8, [2, 10, 100]) });
        }
      }),
    );
  });

  it('returns the value over a host’s flows when an alias groups by source or target', () => {
    const isAtHost = ({ of, src, dst }: Seen) => (of === 'b' ? dst : src) === host;
    fc.assert(
      fc.property(anySeen(), fc.infiniteStream(fc.boolean()), (all, turns) => {
        const seen = all.map((each): Seen => (turns.next().value ? { ...each, src: each.dst, dst: each.src } : each));
        const count = ruleOf(`${eitherEnd}, type: event_count, rules: [a, b, c], condition: {gte: 3}`);
        for (const { result, within } of windowsOf(count, seen)) {
          expect(result.value).toBe(within.filter(isAtHost).length);
        }
        const distinct = ruleOf(
          `${eitherEnd}, type: value_count, rules: [a, b, c], condition: {gte: 3, field: srcport}`,
        );
        for (const { result, within } of windowsOf(distinct, seen)) {
          expect(result.value).toBe(new Set(within.filter(isAtHost).map(({ port }) => port)).size);
        }
      }),
    );
  });

  it('marks the value as a lower bound when a set of distinct values is full', () => {
    const rule = ruleOf(`${grouped}, type: value_count, rules: [a, b, c], condition: {gte: 2, field: srcport}`);
    const seen = (ports: number) =>
      Array.from(
        { length: ports },
        (_, n): Seen => ({ of: 'a', at: 0, bytes: 1, port: n, src: host, dst: '10.0.2.7' }),
      );
    expect(windowsOf(rule, seen(19))[0]!.result).toEqual({ value: 19, isLowerBound: false, multiple: 2 });
    expect(windowsOf(rule, seen(20))[0]!.result).toEqual({ value: 20, isLowerBound: true, multiple: 10 });
    expect(windowsOf(rule, seen(50))[0]!.result).toEqual({ value: 20, isLowerBound: true, multiple: 10 });
  });
});

describe('evaluateWindow, for an average', () => {
  it('returns the average over the flows with the field', () => {
    const threshold = fc.integer({ min: 1, max: 400 }).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(anySeen(), threshold, fc.constantFrom('gt', 'gte'), (seen, than, comparison) => {
        const rule = ruleOf(
          `${grouped}, type: value_avg, rules: [a, b, c], condition: {${comparison}: ${than}, field: bytes}`,
          'alert: {escalate: [2]}',
        );
        for (const { result, within } of windowsOf(rule, seen)) {
          const values = bytesOf(within);
          const average = values.length === 0 ? 0 : sum(values) / values.length;
          const multiple = values.length === 0 ? undefined : multipleOf(average, comparison, than, [2]);
          expect(result).toEqual({ value: Math.floor(average), isLowerBound: false, multiple });
        }
      }),
    );
  });

  it('compares without rounding when the sum exceeds 2^53', () => {
    const rule = ruleOf(
      `${grouped}, type: value_avg, rules: [a, b, c], condition: {gt: 4503599627370496, field: bytes}`,
    );
    const two = (first: number, second: number) =>
      windowsOf(rule, [one('a', 0, first), one('a', 0, second)])[0]!.result.multiple;
    expect(two(4_503_599_627_370_496, 4_503_599_627_370_496)).toBeUndefined();
    expect(two(4_503_599_627_370_496, 4_503_599_627_370_497)).toBe(1);
  });
});

describe('evaluateWindow, for a percentile', () => {
  it('compares the value at the nearest rank', () => {
    const percent = fc.oneof(
      fc.integer({ min: 1, max: 100 }).map((percent) => [percent, 10 * percent] as const),
      fc.integer({ min: 10, max: 1000 }).map((tenths) => [tenths / 10, tenths] as const),
    );
    fc.assert(
      fc.property(anySeen(), anyCondition, percent, (seen, { comparison, threshold }, [percentile, tenths]) => {
        const rule = ruleOf(
          `${grouped}, type: value_percentile, rules: [a, b, c], condition: {${comparison}: ${threshold}, field: bytes, percentile: ${percentile}}`,
        );
        for (const { result, within } of windowsOf(rule, seen)) {
          const sorted = bytesOf(within).sort((x, y) => x - y);
          const rank = Math.floor((tenths * sorted.length + 999) / 1000);
          const found = sorted[rank - 1];
          expect(result.multiple).toBe(found === undefined ? undefined : multipleOf(found, comparison, threshold, []));
        }
      }),
      { numRuns: byTier(75, 300) },
    );
  });

  it('computes the rank in whole numbers', () => {
    // 64.4 % of 250 is 161 flows; in floating-point arithmetic it is slightly more.
    const rule = ruleOf(
      `${grouped}, type: value_percentile, rules: [a], condition: {gt: 5, field: bytes, percentile: 64.4}`,
    );
    const flows = (small: number) => Array.from({ length: 250 }, (_, n) => one('a', 0, n < small ? 5 : 6));
    expect(windowsOf(rule, flows(161))[0]!.result.multiple).toBeUndefined();
    expect(windowsOf(rule, flows(160))[0]!.result.multiple).toBe(1);
  });
});

describe('evaluateWindow, for a temporal correlation', () => {
  it('counts the parts that match, in any order', () => {
    fc.assert(
      fc.property(anySeen(), fc.integer({ min: 1, max: 3 }), (seen, min) => {
        const rule = ruleOf(`${grouped}, type: temporal, rules: [a, b, c], condition: {gte: ${min}}`);
        for (const { result, within } of windowsOf(rule, seen)) {
          const value = new Set(within.map(({ of }) => of)).size;
          expect(result).toEqual({ value, isLowerBound: false, multiple: value >= min ? 1 : undefined });
        }
      }),
    );
  });

  it('compares each correlation with its own threshold when parts are correlations', () => {
    fc.assert(
      fc.property(anySeen(), anyCondition, (seen, { comparison, threshold }) => {
        const rule = ruleOf(
          `${grouped}, type: temporal, rules: [inner0, inner1, c]`,
          '',
          `type: event_count, rules: [a, b], condition: {${comparison}: ${threshold % 10 || 1}}`,
          `type: value_sum, rules: [b, c], condition: {${comparison}: ${10 * threshold}, field: bytes}`,
        );
        for (const { result, within } of windowsOf(rule, seen)) {
          const of = (...kinds: Seen['of'][]) => within.filter((one) => kinds.includes(one.of));
          const holds = [
            multipleOf(of('a', 'b').length, comparison, threshold % 10 || 1, []),
            multipleOf(sum(bytesOf(of('b', 'c'))), comparison, 10 * threshold, []),
            of('c').length > 0 ? 1 : undefined,
          ].filter((one) => one !== undefined);
          expect(result).toEqual({
            value: holds.length,
            isLowerBound: false,
            multiple: holds.length === 3 ? 1 : undefined,
          });
        }
      }),
    );
  });
});

/** Returns how many of the kinds occur one after the other, over all ways to choose a flow of each. */
function longestOrder(kinds: readonly Seen['of'][], seen: readonly Seen[], after = Number.NEGATIVE_INFINITY): number {
  const [kind, ...others] = kinds;
  if (kind === undefined) return 0;
  const later = new Set(seen.filter(({ of, at }) => of === kind && at > after).map(({ at }) => at));
  return Math.max(0, ...[...later].map((at) => 1 + longestOrder(others, seen, at)));
}

describe('evaluateWindow, for an ordered correlation', () => {
  it('finds an order, to the second, if there is one', () => {
    const orders: Seen['of'][][] = [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
      ['b', 'a'],
    ];
    const crowded = fc.oneof(
      anySeen(),
      anySeen(8),
      anySeen(timespan).map((seen) => seen.slice(0, 5)),
    );
    fc.assert(
      fc.property(crowded, fc.constantFrom(...orders), (seen, kinds) => {
        const rule = ruleOf(`${grouped}, type: temporal_ordered, rules: [${kinds.join(', ')}]`);
        for (const { result, within } of windowsOf(rule, seen)) {
          const value = longestOrder(kinds, within);
          expect(result).toEqual({ value, isLowerBound: false, multiple: value === kinds.length ? 1 : undefined });
        }
      }),
    );
  });

  it('does not count two flows of the same second as ordered', () => {
    const rule = ruleOf(`${grouped}, type: temporal_ordered, rules: [a, b, c]`);
    const last = (...all: Seen[]) => windowsOf(rule, all).at(-1)!.result.value;
    expect(last(one('a', 5), one('b', 5), one('c', 6))).toBe(1);
    expect(last(one('a', 5), one('b', 6), one('c', 6))).toBe(2);
    expect(last(one('a', 5), one('b', 6), one('c', 7))).toBe(3);
  });

  it('misses no order and returns a bound when a slot has more times than a counter stores', () => {
    const rule = ruleOf('type: temporal_ordered, rules: [c, b, a], group-by: [srcaddr], timespan: 1h');
    const times = fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(400)), { maxLength: 200, size: 'max' });
    let bounds = 0;
    fc.assert(
      fc.property(times, (all) => {
        const seen = all.map(([of, at]) => one(of, at));
        for (const { result, within } of windowsOf(rule, seen)) {
          const value = longestOrder(['c', 'b', 'a'], within);
          expect(Number(result.value)).toBeGreaterThanOrEqual(value);
          if (result.value !== value) expect(result.isLowerBound).toBe(true);
          if (result.isLowerBound) bounds += 1;
        }
      }),
      { numRuns: byTier(20, 60) },
    );
    expect(bounds).toBeGreaterThan(0);
  });

  it('finds an order to the slot, and misses none, when the first part is a correlation', () => {
    fc.assert(
      fc.property(anySeen(3 * timespan, ['a', 'b']), fc.integer({ min: 1, max: 6 }), (seen, min) => {
        const rule = ruleOf(
          `${grouped}, type: temporal_ordered, rules: [inner0, b]`,
          '',
          `type: event_count, rules: [a], condition: {gte: ${min}}`,
        );
        for (const { range, result } of windowsOf(rule, seen)) {
          const [first, then] = [seen.filter(({ of }) => of === 'a'), seen.filter(({ of }) => of === 'b')];
          const isInOrder = (reached: (one: Seen) => boolean, isAfter: (a: Seen, b: Seen) => boolean) =>
            first
              .filter((one) => isWithin(one, range) && reached(one))
              .some((one) => then.some((other) => isWithin(other, range) && isAfter(one, other)));
          const toTheSecond = isInOrder(
            ({ at }) => first.filter((one) => one.at <= at && one.at > at - timespan).length >= min,
            (one, other) => other.at > one.at,
          );
          const toTheSlot = isInOrder(
            (one) => first.filter((a) => slotOf(a) <= slotOf(one) && slotOf(a) >= slotOf(one) - 20).length >= min,
            (one, other) => epoch + other.at > slotOf(one) * slotSeconds,
          );
          const isDue = result.multiple !== undefined;
          if (toTheSecond) expect(isDue).toBe(true);
          expect(isDue).toBe(toTheSlot);
          if (isDue) expect(result.isLowerBound).toBe(true);
        }
      }),
    );
  });
});

describe('evaluateWindow, with conditions on slots', () => {
  it('compares the number of active slots, the largest slot, and the spread', () => {
    const block = fc.record({
      active: fc.option(fc.integer({ min: 1, max: 21 }), { nil: undefined }),
      lte: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
      spread: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    });
    const even = fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(40), { minLength: 60, maxLength: 60 }))
      .map(([min, more]) =>
        more.map((extra, n): Seen => ({ of: 'a', at: 3 * n, bytes: min + extra, port: 1, src: host, dst: '10.0.2.7' })),
      );
    fc.assert(
      fc.property(fc.oneof(anySeen(), even), block, (seen, { active, lte, spread }) => {
        const slot = [lte && `lte: ${lte}`, spread && `spread: ${spread}`].filter(Boolean).join(', ');
        const asked = [active && `active_slots: {gte: ${active}}`, slot && `slot: {${slot}}`]
          .filter(Boolean)
          .join(', ');
        const rule = ruleOf(
          `${grouped}, type: value_sum, rules: [a, b, c], condition: {gte: 1, field: bytes}`,
          `alert: {escalate: []}\n${asked && `flow_sentinel: {${asked}}`}`,
        );
        for (const { range, result, within } of windowsOf(rule, seen)) {
          const bySlot = Map.groupBy(
            within.filter(({ bytes }) => bytes !== undefined),
            slotOf,
          );
          const sums = [...bySlot].map(([at, all]) => ({ at, bytes: sum(bytesOf(all)) }));
          const complete = sums.filter(({ at }) => at > range.first && at < range.last).map(({ bytes }) => bytes);
          const holds =
            sum(bytesOf(within)) >= 1 &&
            (active === undefined || sums.length >= active) &&
            (lte === undefined || sums.every(({ bytes }) => bytes <= lte)) &&
            (spread === undefined || complete.every((one) => complete.every((other) => one <= spread * other)));
          expect(result.multiple).toBe(holds ? 1 : undefined);
          expect(result.value).toBe(sum(bytesOf(within)));
        }
      }),
      { numRuns: byTier(75, 300) },
    );
  });

  it('adds the series of a slot when the correlation has several series', () => {
    const rule = ruleOf(
      `${eitherEnd}, type: event_count, rules: [a, b, c], condition: {gte: 1}`,
      'flow_sentinel: {active_slots: {gte: 2}, slot: {lte: 2}}',
    );
    const target: Partial<Seen> = { src: '10.0.2.7', dst: host };
    const last = (...seen: Seen[]) => windowsOf(rule, seen).at(-1)!.result.multiple;
    expect(last(one('a', 0), { ...one('b', 1), ...target })).toBeUndefined();
    expect(last(one('a', 0), { ...one('b', 3), ...target })).toBe(1);
    expect(last(one('a', 0), { ...one('b', 1), ...target }, one('c', 3))).toBe(1);
    expect(last(one('a', 0), { ...one('b', 1), ...target }, one('a', 2), one('c', 3))).toBeUndefined();
  });
});

describe('evaluateWindow, with silent', () => {
  const rule = (seconds: number, min: number) =>
    ruleOf(
      `${grouped}, type: event_count, rules: [a, b], condition: {gte: ${min}}`,
      `flow_sentinel: {silent: {for: ${seconds}s, while: c}}`,
    );

  it('is due when flows stop for the configured time while the other flows continue', () => {
    const seconds = fc.integer({ min: 1, max: timespan });
    const seen = fc.tuple(anySeen(timespan, ['a', 'b']), anySeen(2 * timespan, ['c'])).map((both) => both.flat());
    let due = 0;
    fc.assert(
      fc.property(seen, seconds, fc.integer({ min: 1, max: 5 }), (all, length, min) => {
        for (const { range, result, within } of windowsOf(rule(length, min), all)) {
          const ends = within.filter(({ of }) => of !== 'c').map(({ at }) => at);
          const others = within.filter((one) => one.of === 'c' && slotOf(one) === range.last).map(({ at }) => at);
          const silence = Math.min(...others) - Math.max(...ends);
          const isDue = result.multiple !== undefined;
          if (isDue) expect(ends.length).toBeGreaterThanOrEqual(min);
          if (isDue) expect(silence).toBeGreaterThanOrEqual(length);
          if (ends.length >= min && others.length > 0 && silence >= length + 3 * slotSeconds) expect(isDue).toBe(true);
          if (isDue) due += 1;
        }
      }),
      { numRuns: byTier(75, 300) },
    );
    expect(due).toBeGreaterThan(0);
  });

  it('is not due when a flow arrives again', () => {
    const before = [one('a', 0), one('a', 1), one('c', 40)];
    expect(windowsOf(rule(30, 2), before).at(-1)!.result.multiple).toBe(1);
    expect(windowsOf(rule(30, 2), [...before, one('b', 40)]).at(-1)!.result.multiple).toBeUndefined();
    expect(windowsOf(rule(30, 2), [...before, one('a', 50)]).at(-1)!.result.multiple).toBeUndefined();
  });

  it('is ruled out when the sum of all slots is below the threshold, or too few slots are active', () => {
    const counted = (flows: number, block = '') => {
      const { rule } = ruleOf(`${grouped}, type: event_count, rules: [a], condition: {gte: 3}`, block);
      const filled = new Map([
        [7, flows - 1],
        [900, 1],
      ]);
      const slots = rule.correlation.type === 'event_count' ? [[rule.correlation.series[0]!, filled] as const] : [];
      return couldExceed(rule, boundsOf({ slots: new Map(slots) }));
    };
    expect([counted(2), counted(3)]).toEqual([false, true]);
    expect(counted(9, 'flow_sentinel: {active_slots: {gte: 3}}')).toBe(false);
    expect(counted(9, 'flow_sentinel: {active_slots: {gte: 2}}')).toBe(true);
  });
});
