import {
  type AlertRecord,
  abandonedAfterSeconds,
  latestFirst,
  suppresses,
  takenOver,
} from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { groupsBy } from '../counters/counter-key.ts';
import type { CountedDelta } from '../counters/delta.ts';
import { isSilenced, observedUntil, type Silence } from '../counters/silence.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { type DueWindow, dueWindows } from './due-windows.ts';
import { episodesOf } from './episodes.ts';
import type { Evaluation, Finding } from './finding.ts';
import type { LearningStarts } from './learning-starts.ts';
import { newAlertRecord } from './new-alert-record.ts';

/**
 * Evaluates the rules of one counter after a batch's updates. A window is due if it exceeds the threshold, or an
 * escalation multiple. A live alert of at least that multiple, or a silence, suppresses the window.
 * See docs/decisions/0008-one-alert-an-episode.md.
 *
 * @param updates the batch's updates of the counter, in order; at least one
 * @param learning from when on rules learn (default: they have learned)
 * @returns the findings of each rule in the order in which to claim and publish them: pending alerts come first
 */
export function evaluate(
  updates: readonly CountedDelta[],
  batch: Batch,
  rules: LoadedRules,
  learning: LearningStarts = new Map(),
): Evaluation {
  const last = updates.at(-1)!;
  const due = dueWindows(updates, rules, learning);
  if (due.size === 0 && last.counter.alertRecords.length === 0) return nothing;
  const pending = pendingRecords(last, batch, rules);
  const evaluations = [...due].map(([rule, windows]) => {
    const records = pending.records.filter((record) => record.rule === rule.name);
    return evaluateRule(rule, windows, records, last.counter.silences.get(rule.name), last, batch);
  });
  const { findings, suppressions, pendingElsewhere } = mergeEvaluations(evaluations);
  return { findings: [...pending.findings, ...findings], suppressions, pendingElsewhere };
}

/** Merges the evaluations of a batch's counters. */
export function mergeEvaluations(all: readonly Evaluation[]): Evaluation {
  return {
    findings: all.flatMap(({ findings }) => findings),
    suppressions: all.flatMap(({ suppressions }) => suppressions),
    pendingElsewhere: all.flatMap(({ pendingElsewhere }) => pendingElsewhere),
  };
}

/** The evaluation of most counters. */
const nothing: Evaluation = { findings: [], suppressions: [], pendingElsewhere: [] };

/**
 * Returns findings for the pending alerts that this batch publishes: those that an earlier attempt of the batch claimed,
 * and abandoned ones, which the batch takes over. `records` are the counter's records after that.
 */
function pendingRecords(
  last: CountedDelta,
  batch: Batch,
  rules: LoadedRules,
): { readonly findings: readonly Finding[]; readonly records: readonly AlertRecord[] } {
  const { alertRecords } = last.counter;
  const findings = alertRecords.flatMap((record): Finding[] => {
    const rule = rules.rules.get(record.rule);
    if (record.sent || !rule || !groupsBy(rule, last.delta.key)) return [];
    if (record.token === batch.dedupToken) {
      return [{ ...last, rule, record, replaces: record, isClaimed: true }];
    }
    const isAbandoned = record.arrival + abandonedAfterSeconds < batch.arrival;
    return isAbandoned ? [takeOver(record, rule, last, batch)] : [];
  });
  const replacedBy = new Map(findings.map(({ replaces, record }) => [replaces, record]));
  return { findings, records: alertRecords.map((record) => replacedBy.get(record) ?? record) };
}

function takeOver(record: AlertRecord, rule: Rule, update: CountedDelta, batch: Batch): Finding {
  return { ...update, rule, record: takenOver(record, batch), replaces: record, isClaimed: false };
}

/**
 * Evaluates one rule. A window that ends before a live alert's window belongs to the episode of that alert.
 *
 * @param windows the windows over the threshold, in order of time
 * @param records the rule's alert records, after pending ones were taken over
 * @param last the batch's last update of the counter
 */
function evaluateRule(
  rule: Rule,
  windows: readonly DueWindow[],
  records: readonly AlertRecord[],
  silence: Silence | undefined,
  last: CountedDelta,
  batch: Batch,
): Evaluation {
  const { key } = last.delta;
  const due = windows.filter(({ window, update }) => !isSilenced(silence, observedUntil(window, update.counter)));
  const isAnySilenced = due.length < windows.length;
  const suppressing = records.filter((record) => isAnySilenced || due.some((one) => suppresses(record, rule, one)));
  const ofOthers = suppressing.filter(({ token }) => token !== batch.dedupToken);
  const [latest] = latestFirst(suppressing);
  return {
    findings: episodeFindings(rule, episodesOf(due, rule, records), records, last, batch),
    suppressions: latest && ofOthers.includes(latest) ? [{ level: rule.level, pk: key.pk, record: latest }] : [],
    pendingElsewhere: ofOthers
      .filter(({ sent }) => !sent)
      .map(({ id }) => ({ queue: rule.level, rule: rule.name, key, alertId: id })),
  };
}

/**
 * Returns the findings of a rule's episodes. A pending alert of another batch that a new alert would replace is taken
 * over and published first.
 */
function episodeFindings(
  rule: Rule,
  episodes: readonly DueWindow[],
  records: readonly AlertRecord[],
  last: CountedDelta,
  batch: Batch,
): Finding[] {
  const [previous] = latestFirst(records);
  const stored = new Map(records.map((record) => [record.multiple, record]));
  return episodes.flatMap(({ update, ...window }) => {
    const record = newAlertRecord(rule, last.delta.key.pk, window, previous, batch);
    const replaced = stored.get(record.multiple);
    stored.set(record.multiple, record);
    const isPendingElsewhere = replaced && !replaced.sent && replaced.token !== batch.dedupToken;
    if (!isPendingElsewhere) return [{ ...update, rule, record, replaces: replaced, isClaimed: false }];
    const first = takeOver(replaced, rule, last, batch);
    return [first, { ...update, rule, record, replaces: first.record, isClaimed: false }];
  });
}
