import pMap from 'p-map';
import { type ArrivedFlow, aggregate } from './core/aggregate.ts';
import type { Origin } from './core/alert-body.ts';
import { type Batch, batchToken } from './core/batch.ts';
import type { KeyDelta } from './core/delta-builder.ts';
import { type EventRecord, readEvent } from './core/event.ts';
import { secondsOf } from './core/flow.ts';
import type { Format } from './core/format.ts';
import { type Counted, type Finding, judge, placeOf } from './core/judge.ts';
import { type Message, messagesOf } from './core/message.ts';
import { readRecords } from './core/read-record.ts';
import { reportOf } from './core/report.ts';
import { type ReadRecord, type RecordAnswer, respond } from './core/respond.ts';
import { FlowError } from './errors.ts';
import { concurrency, type Ports } from './ports.ts';
import type { LoadedRules } from './sigma/load.ts';

/** What the pipeline works by. */
export interface Settings {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
}

/**
 * The whole way of one Firehose batch: decode and parse its records, add up what they say, count it in the store, judge
 * the counters, publish the alerts that are due, and answer each record.
 *
 * @param event the transformation event, not trusted to be one
 * @throws FlowError when the batch must come again; what was counted and published by then is not counted again
 */
export async function transform(
  event: unknown,
  { formats, rules }: Settings,
  ports: Ports,
): Promise<{ records: RecordAnswer[] }> {
  const { records, origin } = readEvent(event);
  const read = readRecords(records, formats);
  const flows = arrivedFlows(records, read);
  const batch = identify(records, flows);
  const aggregated = aggregate(flows, rules, presentOf(batch, flows));
  const findings = await count(aggregated.deltas, batch, ports, (updates) => judge(updates, batch, rules));
  const alertsPublished = await alert(findings, rules, origin, ports);
  const answer = respond(read, rules.monitoredNetworks);
  ports.log.report(reportOf({ read, answer, flows, aggregated, alertsPublished }));
  return { records: answer.records };
}

function arrivedFlows(records: readonly EventRecord[], read: readonly ReadRecord[]): ArrivedFlow[] {
  return read.flatMap(({ outcome }, index) => {
    if (outcome.kind !== 'lines') return [];
    const arrival = records[index]?.arrival ?? 0;
    return outcome.lines.flatMap((line) => (line.kind === 'flow' ? { flow: line.flow, arrival } : []));
  });
}

/** A batch that does not say when it arrived counts as having arrived with its last flow. */
function identify(records: readonly EventRecord[], flows: readonly ArrivedFlow[]): Batch {
  const arrivals = records.flatMap(({ arrival }) => arrival ?? []);
  const times = arrivals.length > 0 ? arrivals : flows.map(({ flow }) => secondsOf(flow, 'end') ?? 0);
  return {
    token: batchToken(records.map(({ data }) => data)),
    arrival: times.reduce((latest, time) => Math.max(latest, time), 0),
  };
}

const daySeconds = 86_400;

/**
 * The latest time that a flow of the batch can have; one that ends later has a time that is none. Flows end before their
 * records arrive, so this is the time of arrival, and a day for clocks that are wrong. Where half of the flows end after
 * it, it is the time of arrival that is wrong, as in events made by hand; then it is a month after half of them ended.
 */
function presentOf({ arrival }: Batch, flows: readonly ArrivedFlow[]): number {
  const ends = flows.flatMap(({ flow }) => secondsOf(flow, 'end') ?? []).sort((a, b) => a - b);
  const median = ends[Math.floor((ends.length - 1) / 2)] ?? arrival;
  return median > arrival ? median + 31 * daySeconds : arrival + daySeconds;
}

/** Adds each delta to its counter, those of one counter one after the other, and judges each counter when it is done. */
async function count(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { counters, deadline }: Ports,
  judged: (updates: readonly Counted[]) => Finding[],
): Promise<Finding[]> {
  const findings = await pMap(
    Map.groupBy(deltas, (delta) => delta.key.pk).values(),
    async (parts) => {
      const updates: Counted[] = [];
      for (const delta of parts) updates.push({ delta, counter: await counters.add(delta, batch, deadline) });
      return judged(updates);
    },
    { concurrency },
  );
  return findings.flat();
}

/** Claims, publishes and marks the alerts that are due; answers how many findings were published. */
async function alert(findings: readonly Finding[], rules: LoadedRules, origin: Origin, ports: Ports): Promise<number> {
  let published = 0;
  for (const round of roundsOf(findings)) {
    const claimed = await claimAll(round, ports);
    const groups = chunked(messagesOf(claimed, rules, origin), messagesAtOnce);
    const outcomes = await pMap(groups, (group) => publishAndMark(group, ports), { concurrency: publishesAtOnce });
    const failures = outcomes.filter((outcome) => outcome instanceof Error);
    if (failures.length > 0) throw failures[0];
    published += claimed.length;
  }
  return published;
}

/** As many as go into one PublishBatch, and as many of those as are under way at once. */
const messagesAtOnce = 10;
const publishesAtOnce = 4;

/** One claim takes another's place in the item only when that one's alert was sent: one after the other, a round each. */
function roundsOf(findings: readonly Finding[]): Finding[][] {
  const places = Map.groupBy(findings, ({ delta, claim }) => `${delta.key.pk} ${placeOf(claim)}`);
  const rounds: Finding[][] = [];
  for (const samePlace of places.values()) {
    for (const [round, finding] of samePlace.entries()) {
      rounds[round] ??= [];
      rounds[round].push(finding);
    }
  }
  return rounds;
}

async function claimAll(findings: readonly Finding[], { counters, deadline }: Ports): Promise<Finding[]> {
  const claimed = await pMap(
    findings,
    async (finding) => {
      const { claimed: isOurs, delta, claim, replaces } = finding;
      const standing = isOurs ? claim : await counters.claim(delta.key.pk, claim, replaces, deadline);
      return standing ? [{ ...finding, claim: standing }] : [];
    },
    { concurrency },
  );
  return claimed.flat();
}

/**
 * Publishes some messages, and marks what the topic took at once: a batch that runs out of time in a storm must not begin
 * again from the start. Begins nothing after the deadline. Answers what went wrong, once all marks have ended: a failed
 * one must not keep others from being set, or their alerts would be sent again.
 */
async function publishAndMark(messages: readonly Message[], ports: Ports): Promise<Error | undefined> {
  const { counters, alerts, deadline, closing } = ports;
  if (deadline.aborted) return new FlowError('DEADLINE_NEAR', 'gave up publishing before the deadline');
  const { published, problems } = await alerts.publish(
    messages.map((message) => message.alert),
    deadline,
  );
  const sent = messages.filter((message) => published.has(message.alert));
  const marks = await pMap(
    sent.flatMap(({ findings }) => findings),
    ({ delta, claim }) =>
      counters.markSent(delta.key.pk, claim, closing).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
    { concurrency },
  );
  const unpublished = messages.length - sent.length;
  if (unpublished === 0) return marks.find((failure) => failure !== undefined);
  return new FlowError(
    'ALERT_FAILED',
    `${unpublished} of ${messages.length} messages were not published: ${problems[0]}`,
  );
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
