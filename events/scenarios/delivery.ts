import { type Conversation, connection, ephemeral, startOf } from './conversation.ts';
import type { Interface, Network } from './network.ts';
import { recordsOf } from './observations.ts';
import { type Random, seededRandom } from './random.ts';
import { type FlowRecord, lineOf, statusLine } from './record.ts';
import type { QuietPeriod, Scenario, Skip } from './scenario.ts';
import { seedOf } from './seed.ts';
import { dayEnd, dayStart, sketchedDays } from './times.ts';

/** A line, and its arrival at Firehose in epoch seconds. */
export interface DeliveredLine {
  readonly line: string;
  readonly arrival: number;
}

/**
 * Generates all lines of a scenario in their order of arrival: about a minute after their interval, and for one line in thirty
 * some minutes later. Holds one hour in memory.
 */
export function* deliveredLines(scenario: Scenario): Generator<DeliveredLine> {
  const { style, attacks } = scenario;
  const random = seededRandom(seedOf(`${style.name}: delivery`));
  const quietPeriods = [...style.quietPeriods, ...attacks.flatMap((attack) => attack.quietPeriods ?? [])];
  const skips = attacks.flatMap((attack) => attack.skips ?? []);
  const records = new Buckets<FlowRecord>();
  const lines = new Buckets<DeliveredLine>();
  const hours = conversationsByHour(scenario);

  for (let minute = minuteOf(dayStart - sketchedDays * 86_400); minute <= minuteOf(dayEnd) + 10; minute += 1) {
    const isDay = minute >= minuteOf(dayStart) && minute < minuteOf(dayEnd);
    if (minute % 60 === 0) {
      for (const conversation of hours(minute / 60)) {
        for (const record of recordsOf(conversation, style.network)) records.add(minuteOf(record.due), record);
      }
    }
    const seen = records
      .take(minute)
      .filter((record) => !quietPeriods.some((one) => isInQuietPeriod(one, record, style.network)));
    const written = seen.map((record) => ({ due: record.due, line: lineOf(record) }));
    if (isDay)
      written.push(...statusLines(style.network.interfaces, new Set(seen.map(({ seenBy }) => seenBy)), minute));
    written.push(...skipLines(skips, minute));
    for (const { due, line } of written) {
      const arrival = due + delay(random);
      lines.add(minuteOf(arrival), { line, arrival });
    }
    yield* lines.take(minute).sort((a, b) => a.arrival - b.arrival || (a.line < b.line ? -1 : 1));
  }
}

/** Future items, by the minute at which they are due. */
class Buckets<T> {
  readonly #buckets = new Map<number, T[]>();

  add(minute: number, item: T): void {
    const bucket = this.#buckets.get(minute);
    if (bucket) bucket.push(item);
    else this.#buckets.set(minute, [item]);
  }

  take(minute: number): T[] {
    const bucket = this.#buckets.get(minute) ?? [];
    this.#buckets.delete(minute);
    return bucket;
  }
}

/** Returns the conversations that begin in an hour since the epoch: of the days before, the labelled day and the attacks. */
function conversationsByHour({ style, attacks }: Scenario): (hour: number) => Conversation[] {
  const before = [...sketch(style), ...attacks.flatMap(({ conversations }) => conversations)];
  const byHour = Map.groupBy(before, (conversation) => Math.floor(startOf(conversation) / 3600));
  return (hour) => {
    const ofDay = hour - dayStart / 3600;
    return [...(ofDay >= 0 && ofDay < 24 ? style.hour(ofDay) : []), ...(byHour.get(hour) ?? [])];
  };
}

/** Creates a small connection of each acquainted pair on each day before. */
function sketch({ name, acquainted }: Scenario['style']): Conversation[] {
  const random = seededRandom(seedOf(`${name}: days before`));
  return Array.from({ length: sketchedDays }, (_, day) => dayStart - (day + 1) * 86_400).flatMap((begin) =>
    acquainted.map((ends) =>
      connection(
        { ...ends, clientPort: ephemeral(random) },
        begin + random.below(86_000),
        random.between(2, 50),
        random.between(500, 4000),
        random.between(500, 9000),
      ),
    ),
  );
}

function isInQuietPeriod({ interface: quiet, from, to }: QuietPeriod, record: FlowRecord, network: Network): boolean {
  if (record.start < from || record.start >= to) return false;
  const { seenBy, src, dst } = record;
  return [seenBy, network.interfaceOf(src), network.interfaceOf(dst)].includes(quiet);
}

function statusLines(interfaces: Iterable<Interface>, seen: ReadonlySet<Interface>, minute: number) {
  return [...interfaces].flatMap((one) => {
    const due = minute * 60 + one.offset;
    return one.sleeps || seen.has(one) ? [] : [{ due, line: statusLine(one, due, 'NODATA') }];
  });
}

function skipLines(skips: readonly Skip[], minute: number) {
  const due = skips.filter(({ at }) => minuteOf(at) === minute);
  return due.map(({ interface: one }) => ({
    due: minute * 60 + one.offset,
    line: statusLine(one, minute * 60 + one.offset, 'SKIPDATA'),
  }));
}

function delay(random: Random): number {
  return random.between(15, 60) + (random.below(30) === 0 ? random.between(120, 360) : 0);
}

function minuteOf(seconds: number): number {
  return Math.floor(seconds / 60);
}
