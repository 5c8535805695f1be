import { createHash } from 'node:crypto';
import { scenarioOf } from '../../events/corpus.ts';
import { type DeliveredLine, deliveredLines } from '../../events/scenarios/delivery.ts';
import { type Random, seededRandom } from '../../events/scenarios/random.ts';
import { dayStart } from '../../events/scenarios/times.ts';
import { styleNames } from '../../events/style-names.ts';
import { logFields, logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { notAvailable } from '../../lambda/flow-log/fields.ts';
import type { ArrivedFlow } from '../../lambda/flow-log/flow-rows.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { parseNetworks } from '../../sigma/compile/monitored-network.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

/** The formats of the lines. */
export const formats: readonly Format[] = [parseFormat(logFormat) as Format];

/** Parses lines. */
export function flowsOfLines(lines: readonly DeliveredLine[]): ArrivedFlow[] {
  return lines.flatMap(({ line, arrival }) => {
    const parsed = parseLine(line, formats);
    return parsed.kind === 'flow' ? [{ flow: parsed.flow, arrival }] : [];
  });
}

/** The time at which all networks are observed, in epoch seconds: noon of the labelled day. */
export const observedAt = dayStart + 12 * 3600;

/** Returns the shipped rules; the monitored networks are the private ones, which have the hosts of all networks. */
export function rulesOfNetworks(): LoadedRules {
  const monitoredNetworks = parseNetworks(['10.0.0.0/9', '10.128.0.0/9', 'fd00::/16']);
  return loadRules({ ...compileRuleDirectory(), monitoredNetworks });
}

/**
 * Copies of the networks of the labelled days. Each network has its own addresses, interfaces and instances, and each is
 * observed from another time of its day, as if that time was `observedAt`.
 */
export class ManyNetworks {
  /** The records of a network in a second, averaged over the read part of the days. */
  readonly recordsPerSecond: number;
  readonly #days: readonly DeliveredLine[][];
  readonly #seconds: number;

  /** @param hours the hours of each day to read, from 00:00 on */
  constructor(hours = 24) {
    this.#seconds = hours * 3600;
    this.#days = styleNames.map((style) => linesOfDay(style, dayStart + this.#seconds));
    const records = this.#days.reduce((sum, lines) => sum + lines.length, 0);
    this.recordsPerSecond = records / this.#days.length / this.#seconds;
  }

  /** Returns a batch of `records` records of as many networks as have them in `seconds` seconds. */
  batch(records: number, seconds: number, seed: number): DeliveredLine[] {
    const random = seededRandom(seed);
    const lines: DeliveredLine[] = [];
    for (let number = 0; lines.length < records; number += 1) {
      for (const line of this.#network(number, seconds, random).linesUntil(seconds)) lines.push(line);
    }
    return lines.slice(0, records);
  }

  /** Returns successive batches of a number of networks, each of `seconds` seconds. */
  *batches(networks: number, seconds: number, count: number, seed: number): Generator<DeliveredLine[]> {
    const random = seededRandom(seed);
    const all = Array.from({ length: networks }, (_, number) =>
      this.#network(seed * networks + number, seconds * count, random),
    );
    for (let index = 1; index <= count; index += 1) {
      yield all.flatMap((network) => [...network.linesUntil(seconds * index)]);
    }
  }

  #network(number: number, seconds: number, random: Random): CopiedNetwork {
    const from = dayStart + random.below(Math.max(1, Math.floor(this.#seconds - seconds)));
    return new CopiedNetwork(this.#days[number % this.#days.length]!, number, from);
  }
}

/** One copy of a labelled network, read from a time of its day on. */
class CopiedNetwork {
  readonly #lines: readonly DeliveredLine[];
  readonly #from: number;
  readonly #number: number;
  readonly #names = new Map<string, string>();
  #at: number;

  constructor(lines: readonly DeliveredLine[], number: number, from: number) {
    this.#lines = lines;
    this.#from = from;
    this.#number = number;
    this.#at = lowestIndex(lines, from);
  }

  /** Returns the next lines: those that arrive before `seconds` seconds after `observedAt`. */
  *linesUntil(seconds: number): Generator<DeliveredLine> {
    const shift = observedAt - this.#from;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const { line, arrival } = this.#lines[this.#at]!;
      if (arrival >= this.#from + seconds) return;
      const values = line.split(' ');
      for (const field of nameFields) values[field] = this.#nameOf(values[field]!);
      for (const field of timeFields) values[field] = String(Number(values[field]) + shift);
      yield { line: values.join(' '), arrival: arrival + shift };
    }
  }

  #nameOf(value: string): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = renamed(value, this.#number);
      this.#names.set(value, name);
    }
    return name;
  }
}

const indexOf = (name: (typeof logFields)[number]) => logFields.indexOf(name);
const timeFields = (['start', 'end'] as const).map(indexOf);
const nameFields = (
  ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr', 'interface-id', 'instance-id', 'subnet-id', 'vpc-id'] as const
).map(indexOf);

/** Returns the name of the same host, interface or network in another network. */
function renamed(value: string, network: number): string {
  if (value === notAvailable) return value;
  const [first, second, third, fourth] = value.split('.').map(Number) as [number, number, number, number];
  if (fourth !== undefined) return `${first}.${(second + 37 * network) & 255}.${third ^ (network & 255)}.${fourth}`;
  if (value.includes(':')) return value.replace(/:[\da-f]+/, (group) => `${group.slice(0, 3)}${network.toString(16)}`);
  const [kind] = value.split('-');
  const digits = createHash('sha256').update(`${network} ${value}`).digest('hex');
  return `${kind}-0${digits.slice(0, 16)}`;
}

function linesOfDay(style: string, end: number): DeliveredLine[] {
  const lines: DeliveredLine[] = [];
  for (const line of deliveredLines(scenarioOf(style))) {
    if (line.arrival >= end) break;
    if (line.arrival >= dayStart) lines.push(line);
  }
  return lines;
}

/** Returns the index of the first line that arrives at a time or later. */
function lowestIndex(lines: readonly DeliveredLine[], time: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.arrival < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
