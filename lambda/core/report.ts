import type { Aggregate, ArrivedFlow } from './aggregate.ts';
import { secondsOf } from './flow.ts';
import type { ReadRecord } from './read-record.ts';
import type { Answer, RecordAnswer } from './respond.ts';

/** What one batch came to. */
export interface BatchReport {
  readonly records: { readonly ok: number; readonly dropped: number; readonly failed: number };
  /** Records that were counted and did not fit into the answer: see core/respond.ts. */
  readonly overflowed: number;
  readonly flows: number;
  readonly countersTouched: number;
  /** Pairs that a flood made be counted together, and groups that it kept from being counted: see core/collapse.ts. */
  readonly collapsedPairs: number;
  readonly droppedGroups: number;
  readonly alertsPublished: number;
  /** Seconds from the end of the flow that waited longest to the arrival of its record; undefined without flows. */
  readonly delaySeconds: number | undefined;
  /** How many lines, and records without lines, could not be read, and why the first could not. */
  readonly unreadable: number;
  readonly firstReason: string | undefined;
}

/** What a batch was, stage by stage. */
export interface BatchStages {
  readonly read: readonly ReadRecord[];
  readonly flows: readonly ArrivedFlow[];
  readonly aggregated: Aggregate;
  readonly alertsPublished: number;
  readonly answer: Answer;
}

/** Sums a batch up for the log and the metrics. */
export function reportOf({ read, flows, aggregated, alertsPublished, answer }: BatchStages): BatchReport {
  const results = (result: RecordAnswer['result']) =>
    answer.records.filter((record) => record.result === result).length;
  const reasons = read.flatMap(({ outcome }) => {
    if (outcome.kind === 'failed') return [outcome.reason];
    if (outcome.kind === 'dropped') return [];
    return outcome.lines.flatMap((line) => (line.kind === 'unreadable' ? line.reason : []));
  });
  const delays = flows.flatMap(({ flow, arrival }) => {
    const end = secondsOf(flow, 'end');
    return end === undefined || arrival === 0 ? [] : arrival - end;
  });
  const counters = aggregated.deltas.filter(({ part }) => part === 0);
  return {
    records: { ok: results('Ok'), dropped: results('Dropped'), failed: results('ProcessingFailed') },
    overflowed: answer.overflowed,
    flows: flows.length,
    countersTouched: counters.length,
    collapsedPairs: counters.reduce((sum, { collapsedPairs }) => sum + collapsedPairs, 0),
    droppedGroups: aggregated.droppedGroups,
    alertsPublished,
    delaySeconds: delays.length > 0 ? delays.reduce((most, delay) => Math.max(most, delay)) : undefined,
    unreadable: reasons.length,
    firstReason: reasons[0],
  };
}
