import pMap from 'p-map';
import { type ArrivedFlow, aggregate, type KeyDelta } from './core/aggregate.ts';
import { writeAlert } from './core/alert.ts';
import type { Origin } from './core/alert-body.ts';
import { type Batch, batchToken } from './core/batch.ts';
import { type EventRecord, readEvent } from './core/event.ts';
import type { Format } from './core/format.ts';
import { type Counted, type Finding, judge } from './core/judge.ts';
import { secondsOf } from './core/parse.ts';
import { readRecord } from './core/read-record.ts';
import { reportOf } from './core/report.ts';
import { type ReadRecord, type RecordAnswer, respond } from './core/respond.ts';
import { FlowError } from './errors.ts';
import type { Ports } from './ports.ts';
import type { LoadedRules } from './sigma/load.ts';

/** What the pipeline works by. */
export interface Settings {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
}

/** Requests under way at once, to the store: as many as the HTTP agent has sockets (io/clients.ts). */
export const concurrency = 64;

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
  const read = records.map((record) => readRecord(record, formats));
  const flows = arrivedFlows(records, read);
  const batch = identify(records, flows);
  const counted = await count(aggregate(flows, rules), batch, ports);
  const findings = counted.flatMap((one) => judge(one, batch, rules));
  const alertsPublished = await alert(findings, rules, origin, ports);
  const answer = respond(read, rules.monitoredNetworks);
  ports.log.report(reportOf({ read, answer, flows, counted, alertsPublished }));
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

/** Adds each delta to its counter; those of the same counter one after the other. */
async function count(deltas: readonly KeyDelta[], batch: Batch, { counters, deadline }: Ports): Promise<Counted[]> {
  const byKey = Map.groupBy(deltas, (delta) => delta.key.pk);
  const counted = await pMap(
    byKey.values(),
    async (parts) => {
      const done: Counted[] = [];
      for (const delta of parts) done.push({ delta, counter: await counters.add(delta, batch, deadline) });
      return done;
    },
    { concurrency },
  );
  return counted.flat();
}

/** Claims, publishes and marks the alerts that are due; answers how many were published. */
async function alert(findings: readonly Finding[], rules: LoadedRules, origin: Origin, ports: Ports): Promise<number> {
  const { counters, deadline } = ports;
  const distinct = new Map(findings.map((finding) => [`${finding.delta.key.pk} ${finding.claim.id}`, finding]));
  const claimed = await pMap(
    distinct.values(),
    async (finding) => {
      const { claimed: isOurs, delta, claim, replaces } = finding;
      const standing = isOurs ? claim : await counters.claim(delta.key.pk, claim, replaces, deadline);
      return standing ? [{ ...finding, claim: standing }] : [];
    },
    { concurrency },
  );
  const alerts = claimed.flat().map((finding) => ({ finding, alert: writeAlert(finding, rules, origin) }));
  if (alerts.length === 0) return 0;
  const { published, problems } = await ports.alerts.publish(
    alerts.map((one) => one.alert),
    deadline,
  );
  await markAll(
    alerts.filter((one) => published.has(one.alert)).map((one) => one.finding),
    ports,
  );
  if (published.size < alerts.length) {
    const unpublished = alerts.length - published.size;
    throw new FlowError('ALERT_FAILED', `${unpublished} of ${alerts.length} alerts were not published: ${problems[0]}`);
  }
  return alerts.length;
}

/** Marks published alerts as sent. One that fails must not keep others from it: they would be published once more. */
async function markAll(findings: readonly Finding[], { counters, deadline }: Ports): Promise<void> {
  const failures = await pMap(
    findings,
    ({ delta, claim }) =>
      counters.markSent(delta.key.pk, claim, deadline).then(
        () => [],
        (error: unknown) => [error],
      ),
    { concurrency },
  );
  const [first] = failures.flat();
  if (first !== undefined) throw first;
}
