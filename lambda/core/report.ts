import type { BatchReport } from '../ports.ts';
import type { ArrivedFlow } from './aggregate.ts';
import type { Counted } from './judge.ts';
import { secondsOf } from './parse.ts';
import type { Answer, ReadRecord, RecordAnswer } from './respond.ts';

/** What a batch was, stage by stage. */
export interface BatchStages {
  readonly read: readonly ReadRecord[];
  readonly flows: readonly ArrivedFlow[];
  readonly counted: readonly Counted[];
  readonly alertsPublished: number;
  readonly answer: Answer;
}

/** Sums a batch up for the log and the metrics. */
export function reportOf({ read, flows, counted, alertsPublished, answer }: BatchStages): BatchReport {
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
  return {
    records: { ok: results('Ok'), dropped: results('Dropped'), failed: results('ProcessingFailed') },
    overflowed: answer.overflowed,
    flows: flows.length,
    countersTouched: new Set(counted.map(({ delta }) => delta.key.pk)).size,
    alertsPublished,
    delaySeconds: delays.length > 0 ? delays.reduce((most, delay) => Math.max(most, delay)) : undefined,
    unreadable: reasons.length,
    firstReason: reasons[0],
  };
}
