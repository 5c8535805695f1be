import { type Aggregate, collect } from './aggregate/aggregate.ts';
import { backfillBounds, streamBounds, type TimeBounds } from './aggregate/plausible-time.ts';
import { hashOfNetworks } from './aggregate/refused.ts';
import { alertContext } from './alert/alert-context.ts';
import type { AlertPorts } from './alert/alert-ports.ts';
import { learningStarts } from './alert/learning-starts.ts';
import type { MessageLimits } from './alert/messages.ts';
import { withNames } from './alert/name-lookups.ts';
import { reEvaluateDue } from './alert/re-evaluations.ts';
import { recordSuppressions, sendAlerts } from './alert/send-alerts.ts';
import { withContext } from './alert/with-context.ts';
import { FlowError } from './common/errors.ts';
import type { BatchStart, Counting } from './count/counter-store.ts';
import { knownBatch } from './count/known-batch.ts';
import { type BudgetPorts, refusedLimits } from './count/refused-pair-budget.ts';
import type { Batch } from './counters/batch.ts';
import type { KeyDelta } from './counters/delta.ts';
import { type Origin, type PassOn, readEvent, type TransformationEvent } from './decode/firehose-event.ts';
import { countAndEvaluate } from './evaluate/count-and-evaluate.ts';
import type { Evaluation } from './evaluate/finding.ts';
import { contributionColumn } from './flow-log/contribution-column.ts';
import type { FlowColumns } from './flow-log/flow-columns.ts';
import type { Format } from './flow-log/format.ts';
import type { Journal } from './journal/journal.ts';
import { putPages } from './journal/put-pages.ts';
import { identifyBatch, type TokenForm, tokenForms } from './parse/batch-identity.ts';
import { type ReadBatch, readRecords, sliceRecord } from './parse/read-records.ts';
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
  settings: Settings,
  ports: Ports,
): Promise<{ records: TransformedRecord[] }> {
  const { passOn, ...given } = readEvent(event);
  const read = readRecords(given.records, settings.formats);
  if (passOn) return respondOnly(read, passOn, settings.rules);
  const { batch, start, contributions, ...counted } = await countRecords(given, read, settings, ports);
  const answer = respond(read.records, contributions, { lakePartition: settings.lakePartition ?? 'date' });
  const expired = expiredFilters(settings.rules.filters, batch.arrival);
  const report = reportOf({ ...counted, read: read.records, expiredFilters: expired, answer });
  // What a batch puts into the journal is counted by a flush, which reports it.
  ports.log.report(start.counting === 'direct' ? report : { ...report, countersTouched: 0, earliestEnd: undefined });
  return { records: answer.records };
}

/** A batch whose flows are counted, or put into the journal. */
export interface CountedRecords extends AlertStages {
  readonly batch: Batch;
  readonly start: BatchStart;
  readonly columns: FlowColumns;
  readonly bounds: TimeBounds;
  readonly aggregated: Aggregate;
  /** What each flow is for its pair, by row: see contributionColumn. */
  readonly contributions: Uint8Array;
}

/**
 * Counts the flows of a batch, evaluates the rules and sends the alerts: the stages between parse and respond.
 *
 * @param read the records of the event, as readRecords returns them
 * @throws FlowError as transform
 */
export async function countRecords(
  { records, origin, backfill, redrive }: Omit<TransformationEvent, 'passOn'>,
  read: ReadBatch,
  { rules, messages }: Settings,
  ports: Ports,
): Promise<CountedRecords> {
  const columns = rules.columnsOf(read.rows);
  const identify = (form?: TokenForm) => identifyBatch(records, read, form, columns.ownTimes);
  const identified = redrive ? await redrivenBatch(identify, ports) : identify();
  const batch: Batch = rules.scope === undefined ? identified : { ...identified, scope: rules.scope };
  read.rows.setUnknownArrivals(batch.arrival);

  // aggregate, within the budget of refused pairs
  const bounds = backfill ? backfillBounds : streamBounds;
  const first = collect(columns, rules, bounds);
  const start = first.isEmpty
    ? nothingToCount
    : await ports.counters.begin(batch, ports.deadline, wantedCounting(ports.journal));
  const isAsBegun = first.isEmpty || start.scope === rules.scope;
  const collected = isAsBegun ? first : collect(columns, { ...rules, scope: start.scope }, bounds);
  const networks = hashOfNetworks(rules);
  const limits = await refusedLimits(collected.refused, batch, start.isRetry, networks, ports);
  const aggregated = collected.aggregate(limits);

  // count, evaluate and alert; or put pages into the journal, which a flush counts, evaluates and alerts on
  const alerted =
    start.counting === 'direct'
      ? await countDirectly(aggregated.deltas, batch, start, origin, { rules, messages }, ports)
      : await putIntoJournal(aggregated.deltas, batch, start, start.counting, rules, ports);
  return { ...alerted, batch, start, columns, bounds, aggregated, contributions: collected.contributions };
}

/** The start of a batch without counters, which needs no marker. */
const nothingToCount: BatchStart = { counting: 'direct', isRetry: false, isCounted: true };

/** Counts a batch, evaluates each counter as soon as it is counted, and sends the alerts. */
async function countDirectly(
  deltas: readonly KeyDelta[],
  batch: Batch,
  start: BatchStart,
  origin: Origin,
  settings: Pick<Settings, 'rules' | 'messages'>,
  ports: Ports,
): Promise<AlertStages> {
  const learning = await learningStarts(batch, settings.rules, ports);
  const { evaluation, settled } = await countAndEvaluate(deltas, batch, start, settings.rules, learning, ports);
  const alerted = await alertOn(evaluation, batch, origin, settings, ports);
  ports.knownSlots?.remember(settled);
  return alerted;
}

/** Sends the alerts of a batch that is counted and evaluated. */
export async function alertOn(
  evaluation: Evaluation,
  batch: Batch,
  origin: Origin,
  { rules, messages }: Pick<Settings, 'rules' | 'messages'>,
  ports: Ports,
): Promise<AlertStages> {
  // Pages may hold flows that no counter has yet: then only a flush can tell that an alert has ended.
  const options = ports.journal && ports.journal.lanes > 0 ? { countedUntil: Number.NEGATIVE_INFINITY } : {};
  const { findings: reEvaluated, waiting } = await reEvaluateDue(evaluation.findings, batch, rules, ports, options);
  const findings = [...evaluation.findings, ...reEvaluated];
  const outcome = await withNames(findings, rules.insideNetworks, ports, (names) => {
    const context = alertContext(origin, rules, batch.arrival, { ...ports, names });
    return withContext(findings, context, ports, (found) => sendAlerts(found, batch, context, messages, ports));
  });
  const pendingUnlisted = await recordSuppressions(evaluation, batch, ports);
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
function redrivenBatch(identify: (form: TokenForm) => Batch, ports: Ports): Promise<Batch> {
  const [present, ...former] = tokenForms;
  return knownBatch([identify(present), ...former.map(identify)], ports);
}

/** Responds with some lines of each record, without counting them. */
function respondOnly(
  { records, rows }: ReadBatch,
  { from, lines }: PassOn,
  { columnsOf, monitoredNetworks }: LoadedRules,
): { records: TransformedRecord[] } {
  const parts = records.map((record) => sliceRecord(record, from, lines));
  return { records: respond(parts, contributionColumn(columnsOf(rows), monitoredNetworks)).records };
}
