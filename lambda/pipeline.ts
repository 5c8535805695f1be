import { type ArrivedFlow, collect } from './aggregate/aggregate.ts';
import { backfillBounds, streamBounds } from './aggregate/plausible-time.ts';
import { hashOfNetworks } from './aggregate/refused.ts';
import type { AlertPorts } from './alert/alert-ports.ts';
import { lookupLists } from './alert/list-lookup.ts';
import type { MessageLimits } from './alert/messages.ts';
import { reEvaluateDue } from './alert/re-evaluations.ts';
import { recordSuppressions, sendAlerts } from './alert/send-alerts.ts';
import { countBatch } from './count/count-batch.ts';
import type { BatchStart } from './count/counter-store.ts';
import { knownBatch } from './count/known-batch.ts';
import { type BudgetPorts, refusedLimits } from './count/refused-pair-budget.ts';
import type { Batch } from './counters/batch.ts';
import type { CountedDelta, KeyDelta } from './counters/delta.ts';
import { type EventRecord, type PassOn, readEvent } from './decode/firehose-event.ts';
import { evaluate, mergeEvaluations } from './evaluate/evaluate.ts';
import type { Evaluation } from './evaluate/finding.ts';
import type { Format } from './flow-log/format.ts';
import { identifyBatch, type TokenForm, tokenForms } from './parse/batch-identity.ts';
import { flowsOf, type ReadRecord, readRecords, sliceRecord } from './parse/read-records.ts';
import type { LakePartition } from './respond/lake-partition.ts';
import { respond, type TransformedRecord } from './respond/respond.ts';
import { expiredFilters } from './rules/expired.ts';
import type { LoadedRules } from './rules/loaded.ts';
import { reportOf } from './telemetry/batch-report.ts';
import type { Log } from './telemetry/log.ts';

/** The configuration of the pipeline. */
export interface Settings {
  readonly formats: readonly Format[];
  readonly rules: LoadedRules;
  readonly messages: MessageLimits;
  /** The partition key that Firehose receives with each record. Default: `date`, which adds no key. */
  readonly lakePartition?: LakePartition;
}

/** The ports of the pipeline. */
export interface Ports extends AlertPorts, BudgetPorts {
  readonly log: Log;
}

/**
 * Processes one Firehose batch: decode, parse, aggregate, count, evaluate, alert, respond. An event with `passOn` is
 * decoded, parsed and answered only.
 *
 * @param event the transformation event, not validated
 * @throws FlowError if Firehose must retry the batch; counted flows and published alerts are not repeated then
 */
export async function transform(
  event: unknown,
  { formats, rules, messages, lakePartition = 'date' }: Settings,
  ports: Ports,
): Promise<{ records: TransformedRecord[] }> {
  // decode and parse
  const { records, origin, passOn, backfill, redrive } = readEvent(event);
  const read = readRecords(records, formats);
  if (passOn) return respondOnly(read, passOn, rules);
  const identified = redrive ? await redrivenBatch(records, read, ports) : identifyBatch(records, read);
  const batch: Batch = rules.scope === undefined ? identified : { ...identified, scope: rules.scope };
  const flows = arrivedFlows(records, read, batch);

  // aggregate, within the budget of refused pairs
  const bounds = backfill ? backfillBounds : streamBounds;
  const first = collect(flows, rules, bounds);
  const start = first.isEmpty ? nothingToCount : await ports.counters.begin(batch, ports.deadline);
  const isAsBegun = first.isEmpty || start.scope === rules.scope;
  const collected = isAsBegun ? first : collect(flows, { ...rules, scope: start.scope }, bounds);
  const networks = hashOfNetworks(rules);
  const limits = await refusedLimits(collected.refused, batch, start.isRetry, networks, ports);
  const aggregated = collected.aggregate(limits);

  // count and evaluate: each counter is evaluated as soon as it is counted
  const observedSince = rules.needsFirstSeen
    ? await ports.alertState.observedSince(batch.arrival, ports.deadline)
    : undefined;
  const settled: KeyDelta[] = [];
  const evaluateCounter = (updates: readonly CountedDelta[]) => {
    const evaluated = evaluate(updates, batch, rules, observedSince);
    if (isSettled(evaluated, updates)) settled.push(...updates.map(({ delta }) => delta));
    return evaluated;
  };
  const evaluations = await countBatch(aggregated.deltas, batch, start, ports, evaluateCounter);
  const evaluation = mergeEvaluations(evaluations);
  const { findings: reEvaluated, waiting } = await reEvaluateDue(evaluation.findings, batch, rules, ports);

  // alert
  const lookup = (address: string) => lookupLists(rules, address, batch.arrival);
  const context = { ...origin, lookupLists: lookup, insideNetworks: rules.insideNetworks };
  const outcome = await sendAlerts([...evaluation.findings, ...reEvaluated], batch, context, messages, ports);
  const pendingUnlisted = await recordSuppressions(evaluation, batch, ports);
  const unlisted = [...outcome.unlisted, ...pendingUnlisted];

  ports.knownSlots?.remember(settled);

  // respond
  const answer = respond(read, rules.monitoredNetworks, { lakePartition });
  const { suppressions } = evaluation;
  const expired = expiredFilters(rules.filters, batch.arrival);
  const queued = { waiting, unlisted };
  ports.log.report(
    reportOf({ read, flows, bounds, aggregated, outcome, queued, suppressions, expiredFilters: expired, answer }),
  );
  return { records: answer.records };
}

/** Returns whether a counter has no alert to claim or to send. */
function isSettled({ findings }: Evaluation, updates: readonly CountedDelta[]): boolean {
  return findings.length === 0 && updates.at(-1)!.counter.alertRecords.every(({ sent }) => sent);
}

/** The start of a batch without counters, which needs no marker. */
const nothingToCount: BatchStart = { isRetry: false, isCounted: true };

/** Identifies a batch that a former version of the function may have counted in part. */
function redrivenBatch(records: readonly EventRecord[], read: readonly ReadRecord[], ports: Ports): Promise<Batch> {
  const [present, ...former] = tokenForms;
  const identify = (form: TokenForm) => identifyBatch(records, read, form);
  return knownBatch([identify(present), ...former.map(identify)], ports);
}

/** Responds with some lines of each record, without counting them. */
function respondOnly(
  read: readonly ReadRecord[],
  { from, lines }: PassOn,
  { monitoredNetworks }: LoadedRules,
): { records: TransformedRecord[] } {
  const parts = read.map((record) => sliceRecord(record, from, lines));
  return { records: respond(parts, monitoredNetworks).records };
}

/** Pairs each flow with the arrival of its record, or else of its batch. */
function arrivedFlows(records: readonly EventRecord[], read: readonly ReadRecord[], batch: Batch): ArrivedFlow[] {
  const flows: ArrivedFlow[] = [];
  for (const [index, record] of read.entries()) {
    const arrival = records[index]?.arrival ?? batch.arrival;
    for (const flow of flowsOf(record)) flows.push({ flow, arrival });
  }
  return flows;
}
