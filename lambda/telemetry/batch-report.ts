import type { Aggregate, ArrivedFlow } from '../aggregate/aggregate.ts';
import { isPlausible, type TimeBounds } from '../aggregate/plausible-time.ts';
import type { AlertOutcome } from '../alert/send-alerts.ts';
import type { ReEvaluation, Suppression } from '../evaluate/finding.ts';
import { secondsOf } from '../flow-log/flow.ts';
import type { ReadRecord } from '../parse/read-records.ts';
import type { TransformationResponse } from '../respond/respond.ts';
import { isSevere } from '../rules/level.ts';
import type { AppliedFilter } from '../rules/model.ts';

/** The result of one batch in numbers. */
export interface BatchReport {
  readonly records: { readonly ok: number; readonly dropped: number; readonly failed: number };
  /** Records that are counted but did not fit into the response: see respond/respond.ts. */
  readonly overflowed: number;
  readonly flows: number;
  readonly countersTouched: number;
  /** Light pairs in overflow counters, and groups that are not counted: see aggregate/overflow.ts. */
  readonly overflowPairs: number;
  readonly droppedGroups: number;
  /** Flows that end at an implausible time: they count in totals and in no window. See aggregate/plausible-time.ts. */
  readonly implausibleTimes: number;
  /** Accepted flows that are left out, since another interface logs them too: see flow-log/contribution.ts. */
  readonly duplicateObservations: number;
  readonly alertsPublished: number;
  /** Alerts of experimental rules, alerts deferred to a later minute, and keys with suppressed or silenced alerts. */
  readonly alertsLogged: number;
  readonly alertsDeferred: number;
  readonly alertsSuppressed: number;
  /** Queued alerts that wait longer, if the batch read the queues; and alerts and notices without a place in a queue. */
  readonly alertsWaiting: number;
  readonly alertsUnlisted: number;
  /** Of the alerts that are deferred, wait or have no place: those of level high or critical. */
  readonly severeAlertsWaiting: number;
  /** The number of alerts of each rule, including experimental ones. */
  readonly alertsByRule: readonly { readonly rule: string; readonly level: string; readonly alerts: number }[];
  /** The titles of filters that had expired when the batch arrived. */
  readonly expiredFilters: readonly string[];
  /** The longest time from a plausible end of a flow to the arrival of its record, in seconds; undefined without flows. */
  readonly delaySeconds: number | undefined;
  /** The earliest plausible end of a flow, in epoch seconds; undefined without flows that have an end. */
  readonly earliestEnd: number | undefined;
  /** Number of unreadable lines, and of records without lines; and the reason of the first. */
  readonly unreadable: number;
  readonly firstReason: string | undefined;
}

/** The results of the stages for one batch. */
export interface BatchStages {
  readonly read: readonly ReadRecord[];
  readonly flows: readonly ArrivedFlow[];
  readonly bounds: TimeBounds;
  readonly aggregated: Aggregate;
  readonly outcome: AlertOutcome;
  /** Entries of the re-evaluation queues that wait longer, and entries that have no place in a queue. */
  readonly queued: { readonly waiting: readonly ReEvaluation[]; readonly unlisted: readonly ReEvaluation[] };
  readonly suppressions: readonly Suppression[];
  readonly expiredFilters: readonly AppliedFilter[];
  readonly answer: TransformationResponse;
}

/** Summarizes a batch for the log and the metrics. */
export function reportOf({
  read,
  flows,
  bounds,
  aggregated,
  outcome: alerts,
  queued: { waiting, unlisted },
  suppressions,
  expiredFilters,
  answer,
}: BatchStages): BatchReport {
  const results = { Ok: 0, Dropped: 0, ProcessingFailed: 0 };
  for (const { result } of answer.records) results[result] += 1;
  const reasons: string[] = [];
  for (const { outcome } of read) {
    if (outcome.kind === 'failed') reasons.push(outcome.reason);
    if (outcome.kind !== 'lines') continue;
    for (const line of outcome.lines) if (line.kind === 'unreadable') reasons.push(line.reason);
  }
  let delaySeconds: number | undefined;
  let earliestEnd: number | undefined;
  for (const { flow, arrival } of flows) {
    const end = secondsOf(flow, 'end');
    if (end === undefined || !isPlausible(end, arrival, bounds)) continue;
    if (earliestEnd === undefined || end < earliestEnd) earliestEnd = end;
    if (arrival !== 0 && (delaySeconds === undefined || arrival - end > delaySeconds)) delaySeconds = arrival - end;
  }
  const counters = aggregated.deltas.filter(({ part }) => part === 0);
  return {
    records: { ok: results.Ok, dropped: results.Dropped, failed: results.ProcessingFailed },
    overflowed: answer.overflowed,
    flows: flows.length,
    countersTouched: counters.length,
    overflowPairs: counters.reduce((sum, { overflowPairs }) => sum + overflowPairs, 0),
    droppedGroups: aggregated.droppedGroups,
    implausibleTimes: aggregated.implausibleTimes,
    duplicateObservations: aggregated.duplicateObservations,
    alertsPublished: alerts.published.length,
    alertsLogged: alerts.logged.length,
    alertsDeferred: alerts.deferred.length,
    alertsSuppressed: suppressions.length + alerts.silenced.length,
    alertsWaiting: waiting.length,
    alertsUnlisted: unlisted.length,
    severeAlertsWaiting:
      alerts.deferred.filter(({ rule }) => isSevere(rule.level)).length +
      [...waiting, ...unlisted].filter(({ queue }) => queue !== 'resolution' && isSevere(queue)).length,
    alertsByRule: [...Map.groupBy([...alerts.published, ...alerts.logged], ({ rule }) => rule).entries()].map(
      ([{ name, level }, all]) => ({ rule: name, level, alerts: all.length }),
    ),
    expiredFilters: expiredFilters.map(({ title }) => title),
    delaySeconds,
    earliestEnd,
    unreadable: reasons.length,
    firstReason: reasons[0],
  };
}
