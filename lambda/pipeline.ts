import { type ArrivedFlow, aggregate } from './aggregate/aggregate.ts';
import { latestPlausibleTime } from './aggregate/present.ts';
import type { AlertPorts } from './alert/alert-ports.ts';
import { lookupLists } from './alert/list-lookup.ts';
import type { MessageLimits } from './alert/messages.ts';
import { reEvaluateDue } from './alert/re-evaluations.ts';
import { recordSuppressions, sendAlerts } from './alert/send-alerts.ts';
import { countBatch } from './count/count-batch.ts';
import { type EventRecord, readEvent } from './decode/firehose-event.ts';
import { evaluate, mergeEvaluations } from './evaluate/evaluate.ts';
import type { Format } from './flow-log/format.ts';
import { identifyBatch } from './parse/batch-identity.ts';
import { flowsOf, type ReadRecord, readRecords, sliceRecord } from './parse/read-records.ts';
import type { LakePartition } from './respond/lake-partition.ts';
import { respond, type TransformedRecord } from './respond/respond.ts';
import { expiredFilters } from './rules/expired.ts';
import type { LoadedRules } from './rules/loaded.ts';
import { reportOf } from './telemetry/batch-report.ts';
import type { Log } from './telemetry/log.ts';

/** What the pipeline works by. */
export interface Settings {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
  readonly messages: MessageLimits;
  /** What Firehose is told a partition key for; by default nothing. */
  readonly lakePartition?: LakePartition;
}

/**
 * The whole way of one Firehose batch: decode and parse its records, add up what they say, count it in the store, judge
 * the counters, publish the alerts that are due, and answer each record. An event that asks to pass on is decoded and
 * answered, and nothing else.
 *
 * @param event the transformation event, not trusted to be one
 * @throws FlowError when the batch must come again; what was counted and published by then is not counted again
 */
export async function transform(
  event: unknown,
  { formats, rules, messages, lakePartition = 'date' }: Settings,
  ports: Ports,
): Promise<{ records: TransformedRecord[] }> {
  const { records, origin, passOn } = readEvent(event);
  const read = readRecords(records, formats);
  if (passOn) {
    const parts = read.map((record) => sliceRecord(record, passOn.from, passOn.lines));
    return { records: respond(parts, rules.monitoredNetworks).records };
  }
  const flows = arrivedFlows(records, read);
  const batch = identifyBatch(records, read);
  const aggregated = aggregate(flows, rules, latestPlausibleTime(batch, flows));
  const since = rules.needsFirstSeen ? await ports.alertState.observedSince(batch.arrival, ports.deadline) : undefined;
  const judged = mergeEvaluations(
    await countBatch(aggregated.deltas, batch, ports, (updates) => evaluate(updates, batch, rules, since)),
  );
  const followed = await reEvaluateDue(judged.findings, batch, rules, ports);
  const context = { ...origin, lookupLists: (address: string) => lookupLists(rules, address, batch.arrival) };
  const alerted = await sendAlerts([...judged.findings, ...followed], batch, context, messages, ports);
  await recordSuppressions(judged, batch, ports);
  const answer = respond(read, rules.monitoredNetworks, { lakePartition });
  const expired = expiredFilters(rules.filters, batch.arrival);
  ports.log.report(
    reportOf({
      read,
      answer,
      flows,
      aggregated,
      outcome: alerted,
      suppressions: judged.suppressions,
      expiredFilters: expired,
    }),
  );
  return { records: answer.records };
}

function arrivedFlows(records: readonly EventRecord[], read: readonly ReadRecord[]): ArrivedFlow[] {
  const flows: ArrivedFlow[] = [];
  for (const [index, record] of read.entries()) {
    const arrival = records[index]?.arrival ?? 0;
    for (const flow of flowsOf(record)) flows.push({ flow, arrival });
  }
  return flows;
}

/** All that the pipeline asks of the world. */
export interface Ports extends AlertPorts {
  readonly log: Log;
}
