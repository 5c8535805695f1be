import pMap from 'p-map';
import { concurrency } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import type { Finding, ReEvaluation } from '../evaluate/finding.ts';
import { nothingToDo, type ReEvaluationResult, reEvaluate } from '../evaluate/re-evaluate.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { AlertPorts } from './alert-ports.ts';
import { chooseReEvaluations, reEvaluationName } from './choose-re-evaluations.ts';

/** Which entries of the queues a process re-evaluates, and until when their counters are complete. */
export interface ReEvaluationOptions {
  /** Default: all entries. */
  readonly isOwn?: (entry: ReEvaluation) => boolean;
  /** In epoch seconds. Default: the batch's arrival. */
  readonly countedUntil?: number;
}

/** The result of reading the re-evaluation queues. */
export interface ReEvaluated {
  readonly findings: readonly Finding[];
  /** An entry of each rule and key whose alert still waits, without those in `findings`. */
  readonly waiting: readonly ReEvaluation[];
}

/**
 * Re-evaluates queued rules and keys, at most once in a minute of arrival: deferred alerts, and alerts whose resolution
 * is due. See choose-re-evaluations.ts.
 *
 * @param found the findings of the batch itself; their rules and keys are not re-evaluated
 */
export async function reEvaluateDue(
  found: readonly Finding[],
  batch: Batch,
  rules: LoadedRules,
  ports: AlertPorts,
  { isOwn = () => true, countedUntil = batch.arrival }: ReEvaluationOptions = {},
): Promise<ReEvaluated> {
  const { alertState, deadline } = ports;
  const inBatch = new Set(found.map(({ rule, delta }) => reEvaluationName({ rule: rule.name, key: delta.key })));
  const all = await alertState.dueReEvaluations(batch, deadline);
  const queued = all.filter((entry) => isOwn(entry) && !inBatch.has(reEvaluationName(entry)));
  const results = await pMap(
    chooseReEvaluations(queued, batch),
    async (entries) => ({ entries, ...(await reEvaluateEntry(entries, batch, rules, countedUntil, ports)) }),
    { concurrency },
  );
  const done = results.flatMap(({ entries, isSent, isResolved }) =>
    entries.filter((entry) => (isOfAlert(entry) ? isSent : isResolved)),
  );
  // A later batch cancels what stays. Noise may throttle a queue, and must not keep the batch from sending its alerts.
  if (done.length > 0) await alertState.cancel(done, deadline).catch(() => {});
  const finished = new Set(
    results.filter(({ isSent, findings }) => isSent || findings.length > 0).map(({ entries }) => nameOf(entries)),
  );
  const ofAlerts = [...Map.groupBy(queued.filter(isOfAlert), reEvaluationName).values()];
  return {
    findings: results.flatMap(({ findings }) => findings),
    waiting: ofAlerts.flatMap((entries) => (finished.has(nameOf(entries)) ? [] : entries[0]!)),
  };
}

/** @param entries of one rule and key */
async function reEvaluateEntry(
  entries: readonly ReEvaluation[],
  batch: Batch,
  rules: LoadedRules,
  countedUntil: number,
  { counters, deadline }: AlertPorts,
): Promise<ReEvaluationResult> {
  const { rule: name, key } = entries[0]!;
  const rule = rules.rules.get(name);
  const counter = rule && (await counters.read(key.pk, deadline));
  if (!counter) return nothingToDo;
  const result = reEvaluate(rule, key, counter, batch, rules, countedUntil);
  if (result.isSent || !entries.some(isOfAlert)) return result;
  return { ...result, findings: result.findings.map((finding) => ({ ...finding, isQueued: true })) };
}

function isOfAlert({ queue }: ReEvaluation): boolean {
  return queue !== 'resolution';
}

function nameOf(entries: readonly ReEvaluation[]): string {
  return reEvaluationName(entries[0]!);
}
