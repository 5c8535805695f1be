import { type MergedKeys, mergedMinutes } from '../../cli/cost/measured-traffic.ts';
import { scenarioOf } from '../../events/corpus.ts';
import { deliveredLines } from '../../events/scenarios/delivery.ts';
import { dayEnd, dayStart } from '../../events/scenarios/times.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import { isPair } from '../../lambda/counters/counter-key.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import type { ArrivedFlow } from '../../lambda/flow-log/flow-rows.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { groupingOf } from './measuring-store.ts';

/** The distinct counters for each record, when the records of 1, 5 or 15 minutes are merged. */
export interface KeysOfStyle {
  readonly pairs: MergedKeys;
  /** By grouping: counters with an amount, and counters that only fill slots of presence. */
  readonly amounts: ReadonlyMap<string, MergedKeys>;
  readonly presence: ReadonlyMap<string, MergedKeys>;
}

/** Aggregates each minute of arrival of a labelled day, up to `until` in epoch seconds, and merges the minutes. */
export function measureMergedKeys(style: string, rules: LoadedRules, until: number = dayEnd): KeysOfStyle {
  const knownSlots = new KnownSlots(rules.series);
  const pairs = new Windows();
  const amounts = new Map<string, Windows>();
  const presence = new Map<string, Windows>();
  let records = 0;
  for (const { minute, flows, lines } of minutesOf(style, until)) {
    records += lines;
    for (const delta of aggregate(flows, rules).deltas) {
      const { key } = delta;
      if (isPair(key)) pairs.add(minute, key.pk);
      else {
        const ofKind = knownSlots.isOfPresence(delta) ? presence : amounts;
        const name = groupingOf(key);
        if (!ofKind.has(name)) ofKind.set(name, new Windows());
        ofKind.get(name)!.add(minute, key.pk);
      }
    }
  }
  const perRecord = (ofKind: ReadonlyMap<string, Windows>) =>
    new Map([...ofKind].map(([name, windows]) => [name, windows.perRecord(records)]));
  return { pairs: pairs.perRecord(records), amounts: perRecord(amounts), presence: perRecord(presence) };
}

function* minutesOf(style: string, until: number) {
  const format = [parseFormat(logFormat) as Format];
  let minute = { minute: 0, flows: [] as ArrivedFlow[], lines: 0 };
  for (const { line, arrival } of deliveredLines(scenarioOf(style))) {
    if (arrival < dayStart) continue;
    if (arrival >= until) break;
    const at = Math.floor(arrival / 60);
    if (at !== minute.minute) {
      yield minute;
      minute = { minute: at, flows: [], lines: 0 };
    }
    minute.lines += 1;
    const parsed = parseLine(line, format);
    if (parsed.kind === 'flow') minute.flows.push({ flow: parsed.flow, arrival });
  }
  yield minute;
}

/** The distinct keys of windows of each length. */
class Windows {
  readonly #keys = mergedMinutes.map((minutes) => ({ minutes, count: 0, window: -1, seen: new Set<string>() }));

  /** Adds a key of a minute; the minutes must ascend. */
  add(minute: number, pk: string): void {
    for (const one of this.#keys) {
      const window = Math.floor(minute / one.minutes);
      if (window !== one.window) {
        one.count += one.seen.size;
        one.window = window;
        one.seen.clear();
      }
      one.seen.add(pk);
    }
  }

  perRecord(records: number): MergedKeys {
    const [minute, five, fifteen] = this.#keys.map(({ count, seen }) =>
      Number(((count + seen.size) / records).toPrecision(4)),
    );
    return [minute!, five!, fifteen!];
  }
}
