import pMap from 'p-map';
import { FlowError } from '../common/errors.ts';
import { concurrency } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import {
  type Evaluation,
  type Finding,
  levelOf,
  type ReEvaluation,
  type ReEvaluationQueue,
} from '../evaluate/finding.ts';
import { severityRank } from '../rules/level.ts';
import type { Context } from './alert-body.ts';
import type { AlertPorts } from './alert-ports.ts';
import { claimRound } from './claim-round.ts';
import { type MessageBudget, reserveBudget } from './message-budget.ts';
import { deferredOf, type MessageLimits, messagesOf, stormsOf } from './messages.ts';
import { isLogOnly, isNotifying, planRounds, recordSlotOf } from './plan-rounds.ts';
import { publishRound } from './publish-round.ts';

/** The findings of a batch by what was done about them. */
export interface AlertOutcome {
  readonly published: readonly Finding[];
  /** Findings of experimental rules: their alerts go to the log only. */
  readonly logged: readonly Finding[];
  /** Findings whose alerts wait for a later minute. */
  readonly deferred: readonly Finding[];
  /** Findings that an operator silenced between counting and claiming. */
  readonly silenced: readonly Finding[];
  /** Entries that did not fit into their re-evaluation queue. */
  readonly unlisted: readonly ReEvaluation[];
}

/**
 * Claims, publishes and marks the alerts of findings, the most severe level first: at the deadline, the less severe
 * alerts are those that wait. An alert over the limits of messages is claimed as deferred and scheduled for
 * re-evaluation: see re-evaluations.ts.
 *
 * @throws FlowError if Firehose must send the batch again; alerts that were published by then are not published again
 */
export async function sendAlerts(
  findings: readonly Finding[],
  batch: Batch,
  context: Context,
  limits: MessageLimits,
  ports: AlertPorts,
): Promise<AlertOutcome> {
  const storms = stormsOf(findings);
  const rounds = planRounds(findings);
  const notifying = rounds.map((round) => round.filter(isNotifying));
  const budget = await reserveBudget(notifying, storms, batch, limits, ports);
  const outcomes: AlertOutcome[] = [];
  const deferredSlots = new Set<string>();
  for (const round of rounds) {
    // A new alert must not replace the record of an earlier alert that is deferred.
    const due = round.filter((finding) => !deferredSlots.has(recordSlotOf(finding)));
    const outcome = await sendRound(due, storms, budget, context, ports);
    for (const finding of outcome.deferred) deferredSlots.add(recordSlotOf(finding));
    outcomes.push(outcome);
  }
  return {
    published: outcomes.flatMap(({ published }) => published),
    logged: outcomes.flatMap(({ logged }) => logged),
    deferred: outcomes.flatMap(({ deferred }) => deferred),
    silenced: outcomes.flatMap(({ silenced }) => silenced),
    unlisted: outcomes.flatMap(({ unlisted }) => unlisted),
  };
}

/** @param due findings of one level */
async function sendRound(
  due: readonly Finding[],
  storms: ReadonlySet<string>,
  budget: MessageBudget,
  context: Context,
  ports: AlertPorts,
): Promise<AlertOutcome> {
  const [first] = due;
  if (!first) return { published: [], logged: [], deferred: [], silenced: [], unlisted: [] };
  const level = levelOf(first);
  const overBudget = deferredOf(due.filter(isNotifying), budget.left(level));
  const { claimed, silenced, lost, isConflict } = await claimRound(due, overBudget, ports);
  if (isConflict) {
    throw new FlowError(
      'ALERT_FAILED',
      'another batch claimed an alert of another episode at the same time; this batch must be retried',
    );
  }
  const toSend = claimed.filter(({ record }) => !record.deferred);
  const deferred = claimed.filter(({ record }) => record.deferred);
  const toReEvaluate = [
    ...[...deferred, ...lost].filter(({ isQueued }) => !isQueued).map((finding) => reEvaluationOf(finding, level)),
    ...toSend.filter(({ rule }) => rule.ended).map((finding) => reEvaluationOf(finding, 'resolution')),
  ];
  const unlisted = toReEvaluate.length > 0 ? await ports.alertState.schedule(toReEvaluate, ports.deadline) : [];
  const messages = messagesOf(toSend.filter(isNotifying), storms, budget.left(level), context);
  const logOnly = messagesOf(toSend.filter(isLogOnly), storms, Number.POSITIVE_INFINITY, context);
  budget.take(level, messages.length);
  await publishRound(messages, logOnly, ports);
  return {
    published: messages.flatMap((message) => message.findings),
    logged: logOnly.flatMap((message) => message.findings),
    deferred,
    silenced,
    unlisted,
  };
}

function reEvaluationOf({ rule, delta, record }: Finding, queue: ReEvaluationQueue): ReEvaluation {
  return { queue, rule: rule.name, key: delta.key, alertId: record.id };
}

/** The most writes of a batch that only count suppressions. */
const maxSuppressionWrites = 100;

/**
 * Records on each live alert that it suppressed findings of this batch, in at most 100 writes, the most severe first. The
 * number of suppressions is a lower bound, so a failed write does not fail the batch, whose alerts are sent.
 * Schedules pending alerts of other batches for re-evaluation: a slow attempt can leave one behind after another attempt
 * completed its batch.
 *
 * @returns the entries that did not fit into their re-evaluation queue
 */
export async function recordSuppressions(
  { suppressions, pendingElsewhere }: Pick<Evaluation, 'suppressions' | 'pendingElsewhere'>,
  batch: Batch,
  { counters, alertState, deadline }: AlertPorts,
): Promise<readonly ReEvaluation[]> {
  const unlisted = pendingElsewhere.length > 0 ? await alertState.schedule(pendingElsewhere, deadline) : [];
  const bySeverity = suppressions.toSorted((a, b) => severityRank(a.level) - severityRank(b.level));
  await pMap(
    bySeverity.slice(0, maxSuppressionWrites),
    ({ pk, record }) => counters.recordSuppression(pk, record, batch.dedupToken, deadline).catch(() => {}),
    { concurrency },
  );
  return unlisted;
}
