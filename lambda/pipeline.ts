import { type ArrivedFlow, collect } from './aggregate/aggregate.ts';
import { backfillBounds, streamBounds } from './aggregate/plausible-time.ts';
import { hashOfNetworks } from './aggregate/refused.ts';
import type { AlertPorts } from './alert/alert-ports.ts';
import { lookupLists } from './alert/list-lookup.ts';
import type { MessageLimits } from './alert/messages.ts';
import { reEvaluateDue } from './alert/re-evaluations.ts';
import { recordSuppressions, sendAlerts } from './alert/send-alerts.ts';
import { FlowError } from './common/errors.ts';
import type { BatchStart, Counting } from './count/counter-store.ts';
import { knownBatch } from './count/known-batch.ts';
import { type BudgetPorts, refusedLimits } from './count/refused-pair-budget.ts';
import type { Batch } from './counters/batch.ts';
import type { KeyDelta } from './counters/delta.ts';
import { type EventRecord, type Origin, type PassOn, readEvent } from './decode/firehose-event.ts';
import { countAndEvaluate } from './evaluate/count-and-evaluate.ts';
import type { Format } from './flow-log/format.ts';
import type { Journal } from './journal/journal.ts';
import { putPages } from './journal/put-pages.ts';
import { identifyBatch, type TokenForm, tokenForms } from './parse/batch-identity.ts';
import { flowsOf, type ReadRecord, readRecords, sliceRecord } from './parse/read-records.ts';
import type { LakePartition } from './respond/lake-partition.ts';
import { respond, type TransformedRecord } from './respond/respond.ts';
import { expiredFilters } from './rules/expired.ts';
import type { LoadedRules } from './rules/loaded.ts';
import { type AlertStages, nothingAlerted } from './telemetry/alert-report.ts';
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
  /** Default: none, so that each batch is counted directly. */
  readonly journal?: JournalPorts;
}

/** The journal, and how batches use it. */
export interface JournalPorts {
  readonly journal: Journal;
  /** The number of lanes into which batches are put; 0 if new batches are counted directly. */
  readonly lanes: number;
  /** Which deltas keep the interfaces and instances of their flows: see notableDeltas. */
  readonly isNotable: (delta: KeyDelta) => boolean;
  /** The process's clock in epoch seconds. */
  readonly now: () => number;
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
  const start = first.isEmpty
    ? nothingToCount
    : await ports.counters.begin(batch, ports.deadline, wantedCounting(ports.journal));
  const isAsBegun = first.isEmpty || start.scope === rules.scope;
  const collected = isAsBegun ? first : collect(flows, { ...rules, scope: start.scope }, bounds);
  const networks = hashOfNetworks(rules);
  const limits = await refusedLimits(collected.refused, batch, start.isRetry, networks, ports);
  const aggregated = collected.aggregate(limits);

  // count, evaluate and alert; or put pages into the journal, which a flush counts, evaluates and alerts on
  const alerted =
    start.counting === 'direct'
      ? await countDirectly(aggregated.deltas, batch, start, origin, { rules, messages }, ports)
      : await putIntoJournal(aggregated.deltas, batch, start, start.counting, rules, ports);

  // respond
  const answer = respond(read, rules.monitoredNetworks, { lakePartition });
  const expired = expiredFilters(rules.filters, batch.arrival);
  const report = reportOf({ read, flows, bounds, aggregated, ...alerted, expiredFilters: expired, answer });
  // What a batch puts into the journal is counted by a flush, which reports it.
  ports.log.report(start.counting === 'direct' ? report : { ...report, countersTouched: 0, earliestEnd: undefined });
  return { records: answer.records };
}

/** The start of a batch without counters, which needs no marker. */
const nothingToCount: BatchStart = { counting: 'direct', isRetry: false, isCounted: true };

/** Counts a batch, evaluates each counter as soon as it is counted, and sends the alerts. */
async function countDirectly(
  deltas: readonly KeyDelta[],
  batch: Batch,
  start: BatchStart,
  origin: Origin,
  { rules, messages }: Pick<Settings, 'rules' | 'messages'>,
  ports: Ports,
): Promise<AlertStages> {
  const observedSince = rules.needsFirstSeen
    ? await ports.alertState.observedSince(batch.arrival, ports.deadline)
    : undefined;
  const { evaluation, settled } = await countAndEvaluate(deltas, batch, start, rules, observedSince, ports);
  // Pages may hold flows that no counter has yet: then only a flush can tell that an alert has ended.
  const options = ports.journal && ports.journal.lanes > 0 ? { countedUntil: Number.NEGATIVE_INFINITY } : {};
  const { findings: reEvaluated, waiting } = await reEvaluateDue(evaluation.findings, batch, rules, ports, options);
  const lookup = (address: string) => lookupLists(rules, address, batch.arrival);
  const context = { ...origin, lookupLists: lookup, insideNetworks: rules.insideNetworks };
  const outcome = await sendAlerts([...evaluation.findings, ...reEvaluated], batch, context, messages, ports);
  const pendingUnlisted = await recordSuppressions(evaluation, batch, ports);
  ports.knownSlots?.remember(settled);
  const unlisted = [...outcome.unlisted, ...pendingUnlisted];
  return { outcome, queued: { waiting, unlisted }, suppressions: evaluation.suppressions };
}

/** Puts a batch into the lanes of the journal, unless an earlier attempt has put all of it. */
async function putIntoJournal(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { isCounted, isRetry }: BatchStart,
  counting: Exclude<Counting, 'direct'>,
  { series }: LoadedRules,
  { journal: journalPorts, ...ports }: Ports,
): Promise<AlertStages> {
  if (!journalPorts) {
    throw new FlowError(
      'COUNT_FAILED',
      'an attempt put this batch into the journal, and this function has none: deploy a version with the journal',
    );
  }
  const { journal, isNotable, now } = journalPorts;
  const inJournal = { ...counting, isRetry };
  if (!isCounted) await putPages(deltas, batch, inJournal, { series, isNotable }, { ...ports, journal, now });
  return nothingAlerted;
}

function wantedCounting(ports: JournalPorts | undefined): Counting {
  return ports && ports.lanes > 0 ? { lanes: ports.lanes, firstAttempt: ports.now() } : 'direct';
}

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
