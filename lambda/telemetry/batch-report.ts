import type { Aggregate, ArrivedFlow } from '../aggregate/aggregate.ts';
import type { AlertOutcome } from '../alert/send-alerts.ts';
import type { Suppression } from '../evaluate/finding.ts';
import { secondsOf } from '../flow-log/flow.ts';
import type { ReadRecord } from '../parse/read-records.ts';
import type { TransformationResponse } from '../respond/respond.ts';
import type { AppliedFilter } from '../rules/model.ts';

/** What one batch came to. */
export interface BatchReport {
  readonly records: { readonly ok: number; readonly dropped: number; readonly failed: number };
  /** Records that were counted and did not fit into the answer: see respond/respond.ts. */
  readonly overflowed: number;
  readonly flows: number;
  readonly countersTouched: number;
  /** Pairs that a flood made be counted together, and groups that it kept from being counted: see aggregate/overflow.ts. */
  readonly overflowPairs: number;
  readonly droppedGroups: number;
  readonly alertsPublished: number;
  /** Alerts of experimental rules, those that wait for a later minute, and keys whose alerts were held back or silenced. */
  readonly alertsLogged: number;
  readonly alertsDeferred: number;
  readonly alertsSuppressed: number;
  /** The rules that alerted, experimental ones too, with their levels and how many alerts there were. */
  readonly alertsByRule: readonly { readonly rule: string; readonly level: string; readonly alerts: number }[];
  /** The titles of filters that no longer applied when the batch arrived. */
  readonly expiredFilters: readonly string[];
  /** Seconds from the end of the flow that waited longest to the arrival of its record; undefined without flows. */
  readonly delaySeconds: number | undefined;
  /** When the flow that ended first did so, in epoch seconds; undefined without flows that have a time. */
  readonly earliestEnd: number | undefined;
  /** How many lines, and records without lines, could not be read, and why the first could not. */
  readonly unreadable: number;
  readonly firstReason: string | undefined;
}

/** What a batch was, stage by stage. */
export interface BatchStages {
  readonly read: readonly ReadRecord[];
  readonly flows: readonly ArrivedFlow[];
  readonly aggregated: Aggregate;
  readonly outcome: AlertOutcome;
  readonly suppressions: readonly Suppression[];
  readonly expiredFilters: readonly AppliedFilter[];
  readonly answer: TransformationResponse;
}

/** Sums a batch up for the log and the metrics. */
export function reportOf({
  read,
  flows,
  aggregated,
  outcome: alerted,
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
    if (end === undefined) continue;
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
    alertsPublished: alerted.published.length,
    alertsLogged: alerted.logged.length,
    alertsDeferred: alerted.deferred.length,
    alertsSuppressed: suppressions.length + alerted.silenced.length,
    alertsByRule: [...Map.groupBy([...alerted.published, ...alerted.logged], ({ rule }) => rule).entries()].map(
      ([{ name, level }, all]) => ({ rule: name, level, alerts: all.length }),
    ),
    expiredFilters: expiredFilters.map(({ title }) => title),
    delaySeconds,
    earliestEnd,
    unreadable: reasons.length,
    firstReason: reasons[0],
  };
}
