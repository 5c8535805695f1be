import type { Aggregate } from '../aggregate/aggregate.ts';
import { isPlausible, type TimeBounds } from '../aggregate/plausible-time.ts';
import { type FlowColumns, noNumber } from '../flow-log/flow-columns.ts';
import type { ReadRecord } from '../parse/read-records.ts';
import type { TransformationResponse } from '../respond/respond.ts';
import type { AppliedFilter } from '../rules/model.ts';
import { type AlertReport, type AlertStages, alertReportOf } from './alert-report.ts';

/** The result of one batch in numbers. */
export interface BatchReport extends AlertReport {
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
export interface BatchStages extends AlertStages {
  readonly read: readonly ReadRecord[];
  readonly columns: FlowColumns;
  readonly bounds: TimeBounds;
  readonly aggregated: Aggregate;
  readonly expiredFilters: readonly AppliedFilter[];
  readonly answer: TransformationResponse;
}

/** Summarizes a batch for the log and the metrics. */
export function reportOf({
  read,
  columns,
  bounds,
  aggregated,
  expiredFilters,
  answer,
  ...alerted
}: BatchStages): BatchReport {
  const results = { Ok: 0, Dropped: 0, ProcessingFailed: 0 };
  for (const { result } of answer.records) results[result] += 1;
  const reasons: string[] = [];
  for (const { outcome } of read) {
    if (outcome.kind === 'failed') reasons.push(outcome.reason);
    if (outcome.kind !== 'lines') continue;
    for (const line of outcome.others ?? []) if (line?.kind === 'unreadable') reasons.push(line.reason);
  }
  let delaySeconds: number | undefined;
  let earliestEnd: number | undefined;
  const ends = columns.seconds('end');
  for (let row = 0; row < ends.length; row += 1) {
    const end = ends[row]!;
    const arrival = columns.rows.arrival[row]!;
    if (end === noNumber || !isPlausible(end, arrival, bounds)) continue;
    if (earliestEnd === undefined || end < earliestEnd) earliestEnd = end;
    if (arrival !== 0 && (delaySeconds === undefined || arrival - end > delaySeconds)) delaySeconds = arrival - end;
  }
  const counters = aggregated.deltas.filter(({ part }) => part === 0);
  return {
    ...alertReportOf(alerted),
    records: { ok: results.Ok, dropped: results.Dropped, failed: results.ProcessingFailed },
    overflowed: answer.overflowed,
    flows: columns.length,
    countersTouched: counters.length,
    overflowPairs: counters.reduce((sum, { overflowPairs }) => sum + overflowPairs, 0),
    droppedGroups: aggregated.droppedGroups,
    implausibleTimes: aggregated.implausibleTimes,
    duplicateObservations: aggregated.duplicateObservations,
    expiredFilters: expiredFilters.map(({ title }) => title),
    delaySeconds,
    earliestEnd,
    unreadable: reasons.length,
    firstReason: reasons[0],
  };
}
