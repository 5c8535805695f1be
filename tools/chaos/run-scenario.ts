import { type ErrorRecord, type FirehoseOutput, runFirehose } from '../../emulators/firehose.ts';
import { type FirehoseEvent, type SourceRecord, wrapLines } from '../../emulators/firehose-event.ts';
import { FaultPlan, Invocation } from './faults.ts';
import { expectedOf, flowSeconds, multiplesOf, tellsOfEnds } from './oracle.ts';
import { begin, type Scenario } from './scenario.ts';
import { type Told, toldBy, type World } from './world.ts';

/** The invocations of a run by what became of them, and how many calls they made. */
export interface Outcome {
  /** What was not as it must be; empty when all was. */
  readonly violations: string[];
  readonly calls: number;
  readonly invocations: number;
  readonly alerts: number;
}

const hostOf = (side: string, number: number) => `10.${side === 'src' ? 1 : 2}.0.${number}`;
const pairKey = (pair: string) => {
  const [src, dst] = pair.split('>').map(Number);
  return `pair#${hostOf('src', src!)}#${hostOf('dst', dst!)}`;
};
const alertKey = (rule: string, key: Readonly<Record<string, string>>) => {
  const number = (address: string | undefined) => address?.split('.').at(-1) ?? '';
  return `${rule} ${number(key.srcaddr)}${key.dstaddr === undefined ? '' : `>${number(key.dstaddr)}`}`;
};

/** The most quiet minutes after all records, in which what was put off is told. */
const quietMinutes = 150;

/**
 * Runs a scenario in a world, lets what Firehose gave up be put through again, as an operator would, and then time pass
 * until nothing waits to be told, and compares what came of it with what must.
 *
 * @param pause lets other invocations go on between two calls
 */
export async function runScenario(scenario: Scenario, world: World, pause: () => Promise<void>): Promise<Outcome> {
  const plan = new FaultPlan(scenario.faults, pause);
  const source = recordsOf(scenario);
  const out = { ended: [] as SourceRecord[], unreadable: [] as SourceRecord[], givenUp: [] as SourceRecord[] };
  const output: FirehoseOutput = {
    delivered: (_, record) => out.ended.push(record),
    dropped: (record) => out.ended.push(record),
    failed({ errorCode }, record) {
      if (errorCode === 'Lambda.ProcessingFailedStatus') out.unreadable.push(record);
      else out.givenUp.push(record);
    },
  };
  const all: Invocation[] = [];
  const failed: Invocation[] = [];
  const batches = new Map<string, FirehoseEvent>();

  async function invoke(event: FirehoseEvent): Promise<unknown> {
    const content = event.records.map(({ data }) => data).join();
    const isAgain = batches.has(content);
    if (!isAgain) batches.set(content, event);
    const arrived = shifted(event, isAgain ? scenario.skewOnRetry : 0);
    const invocation = new Invocation(minuteOf(arrived));
    all.push(invocation);
    try {
      const handled = world.handler(invocation, plan)(arrived, { getRemainingTimeInMillis: () => 300_000 });
      return await Promise.race([handled, invocation.died]);
    } catch (error) {
      failed.push(invocation);
      throw error;
    }
  }

  const { recordsPerBatch, concurrency, idsOnRetry } = scenario;
  const size = Math.max(...source.map(({ data }) => data.length));
  const options = { bufferBytes: recordsPerBatch * size, bufferSeconds: 900, retries: 3, concurrency, idsOnRetry };
  await runFirehose(source, invoke, output, options);
  const outAgain: SourceRecord[] = [];
  const outputAgain = {
    delivered() {},
    dropped() {},
    failed: (_: ErrorRecord, record: SourceRecord) => outAgain.push(record),
  };
  for (const number of scenario.deliveredAgain) {
    const records = [...batches.values()][number]?.records ?? [];
    await runFirehose(records.map(sourceOf), invoke, outputAgain, options);
  }
  await plan.end();
  const givenUp = new Set([...out.givenUp, ...outAgain].map(({ data }) => data.toString('base64')));
  for (const event of batches.values()) if (event.records.some(({ data }) => givenUp.has(data))) await invoke(event);
  for (let minute = 0; minute < quietMinutes && (await world.waiting()) > 0; minute += 1) {
    await runFirehose([quietRecord(minute)], invoke, outputAgain, options);
  }

  const doubled = new Set([
    ...all.flatMap(({ unanswered }) => [...unanswered]),
    ...failed.flatMap(({ published, marked, isAbandoned }) => [
      ...(isAbandoned ? published : published.difference(marked)),
    ]),
  ]);
  const violations = [
    ...leaks(source, out),
    ...(await differences(scenario, world, doubled)),
    ...(await endings(world, doubled)),
    ...excess(scenario, all),
  ];
  const waiting = await world.waiting();
  if (waiting > 0) violations.push(`${waiting} alerts still wait after ${quietMinutes} minutes`);
  return { violations, calls: plan.calls, invocations: all.length, alerts: (await world.delivered()).length };
}

function sourceOf({ data, approximateArrivalTimestamp }: FirehoseEvent['records'][number]): SourceRecord {
  return { data: Buffer.from(data, 'base64'), arrival: approximateArrivalTimestamp };
}

/** The records of a scenario in their order; each is unlike any other by its port, and all are of one length. */
function recordsOf({ flows, garbage }: Scenario): SourceRecord[] {
  const lines = flows.map(({ src, dst, action, bytes, end }, index) => {
    const time = `${begin + end - flowSeconds} ${begin + end}`;
    const head = `2 123456789012 eni-0a1b2c3d4e5f60718 ${hostOf('src', src)} ${hostOf('dst', dst)} ${40_000 + index} 22 6`;
    return `${head} 1 ${bytes} ${time} ${action} OK`;
  });
  for (const place of garbage) lines.splice(place, 0, `garbage ${place}`);
  return lines.flatMap((line, index) => wrapLines([line], 'json', (begin + 7800 + index * 10) * 1000));
}

/** A record that no counter is about, minutes after all others. */
function quietRecord(minute: number): SourceRecord {
  const seconds = begin + 12_000 + minute * 60;
  const line = `2 123456789012 eni-0a1b2c3d4e5f60718 - - - - - - - ${seconds - 60} ${seconds} - NODATA`;
  return wrapLines([line], 'json', seconds * 1000)[0]!;
}

function minuteOf({ records }: FirehoseEvent): number {
  const arrivals = records.map(({ approximateArrivalTimestamp }) => approximateArrivalTimestamp);
  return Math.floor(Math.max(...arrivals) / 60_000);
}

function shifted(event: FirehoseEvent, seconds: number): FirehoseEvent {
  const records = event.records.map((record) => ({
    ...record,
    approximateArrivalTimestamp: record.approximateArrivalTimestamp + seconds * 1000,
  }));
  return { ...event, records };
}

/** Every record comes out by exactly one way, and exactly the garbage as unreadable, unless its batch was given up. */
function leaks(
  source: readonly SourceRecord[],
  out: Record<'ended' | 'unreadable' | 'givenUp', SourceRecord[]>,
): string[] {
  const violations: string[] = [];
  const all = [...out.ended, ...out.unreadable, ...out.givenUp];
  if (all.length !== source.length || new Set(all).size !== source.length)
    violations.push('a record came out not once');
  const isGarbage = ({ data }: SourceRecord) => data.includes('garbage');
  if (!out.unreadable.every(isGarbage)) violations.push('a record that can be read came out as unreadable');
  if (out.ended.some(isGarbage)) violations.push('garbage came out as delivered');
  return violations;
}

async function differences({ flows }: Scenario, world: World, doubled: ReadonlySet<string>): Promise<string[]> {
  const violations: string[] = [];
  const { pairs, fullest } = expectedOf(flows);
  const counters = await world.counters();
  for (const [pair, expected] of pairs) {
    const counter = counters.get(pairKey(pair));
    for (const [name, value] of Object.entries(expected)) {
      const counted = counter?.[name as keyof typeof expected];
      if (counted !== value) violations.push(`${pair} has ${name} ${counted}, expected ${value}`);
    }
  }
  const pairsCounted = [...counters.keys()].filter((pk) => pk.startsWith('pair#')).length;
  if (pairsCounted !== pairs.size) violations.push(`${pairsCounted} pairs are counted, expected ${pairs.size}`);

  const claims = new Map(
    [...counters.values()].flatMap((counter) => counter.alertRecords.map((claim) => [claim.id, claim])),
  );
  const told = alertsOf(await world.delivered(), false);
  for (const [key, value] of fullest) {
    const rule = key.split(' ')[0]!;
    const reached = multiplesOf(rule, value).at(-1);
    const alerts = (told.get(key) ?? []).map((alert) => ({ ...alert, multiple: claims.get(alert.id)?.multiple ?? -1 }));
    if (reached !== undefined && !alerts.some(({ multiple }) => multiple === reached)) {
      violations.push(`no alert of ${key} at ${reached} times its threshold, with a value of ${value}`);
    }
    for (const alert of alerts) {
      if (!multiplesOf(rule, value).includes(alert.multiple) || alert.value > value) {
        violations.push(
          `an alert of ${key} says ${alert.value} at ${alert.multiple} times, and at most ${value} is due`,
        );
      }
    }
    for (const [multiple, same] of Map.groupBy(alerts, (alert) => alert.multiple)) {
      const ids = new Set(same.map(({ id }) => id));
      if (ids.size > 1) violations.push(`alerts of ${key} at ${multiple} times have ${ids.size} ids, expected one`);
      if (same.length > 1 && !same.some(({ id }) => doubled.has(id))) {
        violations.push(`an alert of ${key} at ${multiple} times came ${same.length} times, and nothing fell between`);
      }
    }
  }
  return violations;
}

/** The alerts, or the notes of ends, that messages tell of, by rule and key, each with the place of its message. */
function alertsOf(messages: Awaited<ReturnType<World['delivered']>>, ended: boolean) {
  const told = messages.flatMap((message, place) =>
    message.ended === ended ? toldBy(message).map((alert) => ({ ...alert, rule: message.rule, place })) : [],
  );
  return Map.groupBy(told, ({ rule, key }): string => alertKey(rule, key));
}

/** A note of an end comes after an alert of its key, once, and for the last alert of each key one comes in the end. */
async function endings(world: World, doubled: ReadonlySet<string>): Promise<string[]> {
  const violations: string[] = [];
  const messages = await world.delivered();
  const [alerts, notes] = [alertsOf(messages, false), alertsOf(messages, true)];
  for (const [key, ended] of notes) {
    const first = Math.min(...(alerts.get(key) ?? []).map(({ place }) => place));
    if (ended.some(({ place }) => place <= first)) violations.push(`a note of an end of ${key} came before its alert`);
    for (const [id, same] of Map.groupBy(ended, (note) => note.id)) {
      if (same.length > 1 && !doubled.has(id)) violations.push(`a note of an end of ${key} came ${same.length} times`);
    }
  }
  for (const [pk, { alertRecords }] of await world.counters()) {
    for (const [rule, ofRule] of Map.groupBy(alertRecords, (claim) => claim.rule)) {
      const last = Math.max(...ofRule.filter(({ multiple, sent }) => multiple > 0 && sent).map(({ to }) => to));
      const note = ofRule.find(({ multiple }) => multiple === 0);
      const isTold = [...notes.values()].flat().some(({ id }: Told) => id === note?.id);
      if (tellsOfEnds(rule) && last > 0 && !(note?.to === last && isTold))
        violations.push(`no end of ${rule} for ${pk}`);
      if (!tellsOfEnds(rule) && note) violations.push(`an end of ${rule} for ${pk}, which nobody asked for`);
    }
  }
  return violations;
}

/** In a minute of arrival no more messages go than may, all invocations taken together. */
function excess({ messages: { perBatch, perMinute } }: Scenario, all: readonly Invocation[]): string[] {
  const minutes = [...Map.groupBy(all, ({ minute }) => minute)].map(([minute, invocations]) => ({
    minute,
    sent: invocations.reduce((sum, { messages }) => sum + messages.size, 0),
  }));
  return [
    ...minutes.flatMap(({ minute, sent }) => (sent > perMinute ? `${sent} messages in minute ${minute}` : [])),
    ...all.flatMap(({ messages }) => (messages.size > perBatch ? `${messages.size} messages in a batch` : [])),
  ];
}
