import { BlockList, isIPv6 } from 'node:net';
import { groupBy, type Label, type RuleName } from '../../events/scenarios/labels.ts';
import { logFields } from '../../lambda/flow-log/deployed-format.ts';

/**
 * A second, slow and obvious implementation of the rules over complete days of lines, without the engine and its slots. An
 * alert is certain within the timespan, and possible in a window that has one slot more.
 */

/** A rule and key whose definition holds. */
export interface Due {
  readonly rule: RuleName;
  readonly key: Readonly<Record<string, string>>;
  /** The last flows of the first and of the last window that holds, in epoch seconds. */
  readonly first: number;
  readonly last: number;
  /** True if also a window of exactly the timespan holds. */
  readonly isCertain: boolean;
}

/** A flow's fields as text, with the packet addresses as `srcaddr` and `dstaddr`, and its numbers. */
type Line = Readonly<Record<string, string>> & { readonly text?: never };

interface Event {
  readonly time: number;
  readonly amount: number;
  readonly value: string;
}

const hour = 3600;
const networkOf = (...cidrs: string[]) => {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address, length] = cidr.split('/') as [string, string];
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  const known = new Map<string, boolean>();
  return (address: string) => {
    const answer = known.get(address) ?? list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    known.set(address, answer);
    return answer;
  };
};
const isInside = networkOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7');
const isSuspicious = networkOf('192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24');
const isThreat = networkOf('2001:db8:bad::/48', '198.51.100.128/25');
const isProtected = networkOf('10.250.0.0/16');
const mayEnter = networkOf('10.251.0.0/16');

function isOneOf(text: string | undefined, ...numbers: number[]): boolean {
  return numbers.includes(Number(text));
}

const leaves = (l: Line) => l.action === 'ACCEPT' && isInside(l.srcaddr!) && !isInside(l.dstaddr!);
const isWithin = (l: Line) => isInside(l.srcaddr!) && isInside(l.dstaddr!);
const isInitiated = (l: Line) => l.protocol === '6' && isOneOf(l['tcp-flags'], 2, 3, 6, 7, 10, 11, 14, 15);
const isReplyByPorts = (l: Line) => Number(l.srcport) < 32_768 && Number(l.dstport) >= 32_768;
const isReply = (l: Line) => isOneOf(l['tcp-flags'], 18, 19, 22, 23, 26, 27, 30, 31) || isReplyByPorts(l);
const saidSomething = (l: Line) => Number(l.bytes) > 560;
/** A SYN; without flags, a flow whose ports are not those of a reply. */
const isAttempt = (l: Line) => isInitiated(l) || ((l.protocol !== '6' || l['tcp-flags'] === '-') && !isReplyByPorts(l));
const isRejected = (l: Line) => l.action === 'REJECT';
const isClient = (l: Line) => Number(l.dstport) < 32_768 && Number(l.srcport) >= 32_768;
const isOwnCall = (l: Line) =>
  leaves(l) && isClient(l) && !isOneOf(l.dstport, 53, 123) && l['pkt-dst-aws-service'] === '-';

type Evaluate = (events: readonly Event[]) => { first: number; last: number; isCertain: boolean } | undefined;

interface Definition {
  readonly where: (line: Line) => boolean;
  readonly value?: string;
  readonly evaluate: Evaluate;
}

/** A sliding window of the timespan (certain), or of the timespan plus a twentieth and a slot (possible). */
function windowed(timespan: number, measure: 'count' | 'sum' | 'distinct', atLeast: number): Evaluate {
  const reached = (events: readonly Event[], length: number) => {
    const times: number[] = [];
    const seen = new Map<string, number>();
    let [sum, begin] = [0, 0];
    for (const event of events) {
      sum += measure === 'sum' ? event.amount : 1;
      seen.set(event.value, (seen.get(event.value) ?? 0) + 1);
      for (; events[begin]!.time <= event.time - length; begin += 1) {
        const left = events[begin]!;
        sum -= measure === 'sum' ? left.amount : 1;
        if (seen.get(left.value) === 1) seen.delete(left.value);
        else seen.set(left.value, seen.get(left.value)! - 1);
      }
      if ((measure === 'distinct' ? seen.size : sum) >= atLeast) times.push(event.time);
    }
    return times;
  };
  return (events) => {
    const possible = reached(events, timespan * 1.05);
    if (possible.length === 0) return undefined;
    return { first: possible[0]!, last: possible.at(-1)!, isCertain: reached(events, timespan).length > 0 };
  };
}

/** Slots, as in the definition: a minimum of active slots, a maximum of each, and a maximum spread. */
function rhythmic(slotSeconds: number, active: number, most: number, spread: number): Evaluate {
  return (events) => {
    const slots = new Map<number, number>();
    for (const { time, amount } of events) {
      const slot = Math.floor(time / slotSeconds);
      slots.set(slot, (slots.get(slot) ?? 0) + amount);
    }
    const possible: number[] = [];
    let isCertain = false;
    for (const last of slots.keys()) {
      const held = Array.from({ length: 21 }, (_, n) => slots.get(last - 20 + n)).map((sum, n) => ({ sum, n }));
      const filled = held.filter((one): one is { sum: number; n: number } => one.sum !== undefined);
      const full = filled.filter(({ n }) => n > 0 && n < 20).map(({ sum }) => sum);
      if (filled.length < active || Math.max(...full) > spread * Math.min(...full)) continue;
      // While the last slot is open, its value is below its final value.
      if (filled.some(({ sum, n }) => n < 20 && sum > most)) continue;
      possible.push((last + 1) * slotSeconds - 1);
      isCertain ||= slots.get(last)! <= most;
    }
    if (possible.length === 0) return undefined;
    return { first: Math.min(...possible), last: Math.max(...possible), isCertain };
  };
}

const definitions: Readonly<Partial<Record<RuleName, Definition>>> = {
  data_exfiltration: { where: leaves, evaluate: windowed(hour, 'sum', 100_000_001) },
  lateral_movement: {
    where: (l) => isWithin(l) && isOneOf(l.dstport, 22, 135, 139, 445, 3389, 5985, 5986),
    value: 'dstaddr',
    evaluate: windowed(hour, 'distinct', 10),
  },
  rejects_from_suspicious_ranges: {
    where: (l) => isRejected(l) && isSuspicious(l.srcaddr!),
    evaluate: windowed(hour, 'count', 1),
  },
  repeated_rejects: { where: isRejected, evaluate: windowed(hour, 'count', 11) },
  horizontal_sweep: {
    where: (l) =>
      isInside(l.srcaddr!) &&
      ((isRejected(l) && isAttempt(l)) ||
        (isWithin(l) && !saidSomething(l) && (isInitiated(l) || isOneOf(l.protocol, 1, 58)))),
    value: 'dstaddr',
    evaluate: windowed(hour, 'distinct', 25),
  },
  vertical_scan: {
    where: (l) => (isRejected(l) && isAttempt(l)) || (isInitiated(l) && !saidSomething(l)),
    value: 'dstport',
    evaluate: windowed(hour, 'distinct', 25),
  },
  admin_brute_force: {
    where: (l) =>
      l.action === 'ACCEPT' &&
      isOneOf(l.dstport, 22, 3389, 5985, 5986) &&
      isInitiated(l) &&
      saidSomething(l) &&
      Number(l.packets) <= 40,
    evaluate: windowed(hour / 4, 'count', 30),
  },
  slow_exfiltration: {
    where: (l) => leaves(l) && !isOneOf(l.srcport, 80, 443),
    evaluate: windowed(24 * hour, 'sum', 1_000_000_001),
  },
  exfiltration_to_rare_destination: {
    where: (l) => leaves(l) && isClient(l),
    evaluate: windowed(hour, 'sum', 20_000_001),
  },
  dns_tunnelling: {
    where: (l) => leaves(l) && isOneOf(l.dstport, 53) && isOneOf(l.protocol, 6, 17),
    evaluate: windowed(hour, 'sum', 10_000_001),
  },
  beaconing: { where: isOwnCall, evaluate: rhythmic(18 * 60, 19, 50_000, 3) },
  low_and_slow: { where: isOwnCall, evaluate: rhythmic(72 * 60, 19, 100_000, 4) },
  long_connection: {
    where: (l) =>
      leaves(l) &&
      isClient(l) &&
      l['pkt-dst-aws-service'] === '-' &&
      l.protocol === '6' &&
      isOneOf(l['tcp-flags'], 0, 8, 16, 24),
    evaluate: rhythmic(18 * 60, 20, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
  },
  cleartext_services: {
    where: (l) =>
      l.action === 'ACCEPT' &&
      l.protocol === '6' &&
      saidSomething(l) &&
      isOneOf(l.dstport, 21, 23, 110, 143, 389, 512, 513, 514),
    evaluate: windowed(hour, 'count', 1),
  },
  segmentation_policy: {
    where: (l) => {
      if (
        l.action !== 'ACCEPT' ||
        !isInitiated(l) ||
        !saidSomething(l) ||
        isProtected(l.srcaddr!) === isProtected(l.dstaddr!)
      )
        return false;
      if (isProtected(l.srcaddr!)) return !isOneOf(l.dstport, 443);
      return !(mayEnter(l.srcaddr!) && isOneOf(l.dstport, 443, 5432));
    },
    evaluate: windowed(hour, 'count', 1),
  },
  rejected_egress: {
    where: (l) =>
      isRejected(l) &&
      isAttempt(l) &&
      l['flow-direction'] === 'egress' &&
      isInside(l.srcaddr!) &&
      !isInside(l.dstaddr!),
    evaluate: windowed(hour, 'count', 21),
  },
  threat_list_traffic: {
    where: (l) =>
      l.action === 'ACCEPT' &&
      (isInitiated(l) || !isReply(l)) &&
      (isThreat(l.dstaddr!) || (isThreat(l.srcaddr!) && saidSomething(l))),
    evaluate: windowed(hour, 'count', 1),
  },
  skipped_records: { where: (l) => l['log-status'] === 'SKIPDATA', evaluate: windowed(hour, 'count', 1) },
};

/** Evaluates the lines of a scenario. Rules that need several kinds of flows for a key have separate state. */
export class Oracle {
  readonly #events = new Map<RuleName, Map<string, Event[]>>();
  readonly #probes = new Map<string, { time: number; door: string | undefined }[]>();
  readonly #statuses = new Map<string, { time: number; status: string }[]>();
  readonly #firstSeen = new Map<string, number>();

  add(text: string): void {
    const values = text.split(' ');
    const line: Record<string, string> = Object.fromEntries(logFields.map((name, index) => [name, values[index]!]));
    const time = Number(line.end);
    push(this.#statuses, line['interface-id']!, { time, status: line['log-status']! });
    if (line['log-status'] === 'OK') {
      // A forwarded flow into the company is counted at its destination.
      const isForwarded = line.srcaddr !== line['pkt-srcaddr'];
      line.srcaddr = line['pkt-srcaddr']!;
      line.dstaddr = line['pkt-dstaddr']!;
      const isSeenTwice =
        line['flow-direction'] === 'ingress'
          ? isInside(line.srcaddr)
          : isForwarded && !isInside(line.srcaddr) && isInside(line.dstaddr);
      if (isSeenTwice && line.action === 'ACCEPT') return;
      const pair = `${line.srcaddr} ${line.dstaddr}`;
      this.#firstSeen.set(pair, Math.min(this.#firstSeen.get(pair) ?? Number.POSITIVE_INFINITY, Number(line.start)));
      if (isRejected(line) && isAttempt(line)) push(this.#probes, pair, { time, door: line.dstport! });
      const isWeb = !isInside(line.srcaddr) && isOneOf(line.dstport, 80, 443);
      if (line.action === 'ACCEPT' && isInitiated(line) && saidSomething(line) && !isWeb) {
        push(this.#probes, pair, { time, door: undefined });
      }
    }
    for (const [rule, { where, value }] of Object.entries(definitions) as [RuleName, Definition][]) {
      if (
        line['log-status'] === 'OK'
          ? rule === 'skipped_records' || !where(line)
          : !where(line) || rule !== 'skipped_records'
      )
        continue;
      const events = this.#events.get(rule) ?? new Map<string, Event[]>();
      this.#events.set(rule, events);
      const key = groupBy[rule].map((name) => line[name]!).join(' ');
      push(events, key, { time, amount: Number(line.bytes), value: value === undefined ? '' : line[value]! });
    }
  }

  /** Returns all alerts that the definitions require. */
  due(): Due[] {
    const found: Due[] = [];
    for (const [rule, byKey] of this.#events) {
      for (const [key, events] of byKey) {
        events.sort((a, b) => a.time - b.time);
        const result = definitions[rule]!.evaluate(events);
        if (result && (rule !== 'exfiltration_to_rare_destination' || this.#isNew(key, result.first)))
          found.push(dueOf(rule, key, result));
      }
    }
    return [...found, ...this.#intrusions(), ...this.#silences()];
  }

  /** Returns whether a pair was first seen within the last day, and after the week of learning. */
  #isNew(pair: string, time: number): boolean {
    const first = this.#firstSeen.get(pair)!;
    const begin = Math.min(...this.#firstSeen.values());
    return first > time - 24 * hour && time > begin + 7 * 24 * hour;
  }

  /** Three rejected ports within an hour, and an accepted one within an hour after the last of them. */
  #intrusions(): Due[] {
    return [...this.#probes].flatMap(([pair, events]) => {
      if (new Set(events.map(({ door }) => door)).size < 4) return [];
      events.sort((a, b) => a.time - b.time);
      const entered = (length: number) =>
        events.filter(({ door, time }) => {
          if (door !== undefined) return false;
          const before = events.filter((one) => one.door !== undefined && one.time <= time && one.time > time - length);
          return new Set(before.map((one) => one.door)).size >= 3;
        });
      const possible = entered(2.1 * hour);
      if (possible.length === 0) return [];
      const result = { first: possible[0]!.time, last: possible.at(-1)!.time, isCertain: entered(hour).length > 0 };
      return [dueOf('probe_that_got_in', pair, result)];
    });
  }

  #silences(): Due[] {
    return [...this.#statuses].flatMap(([id, all]) => {
      all.sort((a, b) => a.time - b.time);
      const ok = all.filter(({ status }) => status === 'OK').map(({ time }) => time);
      const silentFor = (seconds: number) =>
        ok.flatMap((last, index) => {
          const next = ok[index + 1] ?? Number.POSITIVE_INFINITY;
          if (next - last < seconds || index + 1 < 60 || ok[index - 59]! <= last - 5 * hour) return [];
          const empty = all.filter(({ status, time }) => status === 'NODATA' && time > last + seconds && time < next);
          return empty.length > 0 ? [empty[0]!.time] : [];
        });
      const possible = silentFor(hour - 60);
      if (possible.length === 0) return [];
      const result = { first: possible[0]!, last: possible.at(-1)!, isCertain: silentFor(hour + 15 * 60).length > 0 };
      return [dueOf('silent_interface', id, result)];
    });
  }
}

function dueOf(rule: RuleName, key: string, result: { first: number; last: number; isCertain: boolean }): Due {
  const values = key.split(' ');
  return { rule, key: Object.fromEntries(groupBy[rule].map((name, index) => [name, values[index]!])), ...result };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Returns a rule and key as one text. */
export function nameOf({ rule, key }: Pick<Label, 'rule' | 'key'>): string {
  return `${rule} ${Object.values(key).join(' ')}`;
}
