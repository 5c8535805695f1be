import pMap from 'p-map';
import { FlowError } from '../common/errors.ts';
import { concurrency } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import type { Evaluation, Finding, ReEvaluation } from '../evaluate/finding.ts';
import type { Context } from './alert-body.ts';
import type { AlertPorts } from './alert-ports.ts';
import { claimRound } from './claim-round.ts';
import { type MessageBudget, reserveBudget } from './message-budget.ts';
import { deferredOf, type MessageLimits, messageCount, messagesOf, stormsOf } from './messages.ts';
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
}

/**
 * Claims, publishes and marks the alerts of findings. An alert over the limits of messages is claimed as deferred and
 * scheduled for re-evaluation: see re-evaluations.ts.
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
  const wanted = rounds.reduce((sum, round) => sum + messageCount(round.filter(isNotifying), storms), 0);
  const budget = await reserveBudget(wanted, batch, limits, ports);
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
  };
}

async function sendRound(
  due: readonly Finding[],
  storms: ReadonlySet<string>,
  budget: MessageBudget,
  context: Context,
  ports: AlertPorts,
): Promise<AlertOutcome> {
  const overBudget = deferredOf(due.filter(isNotifying), budget.left);
  const { claimed, silenced, lost, isConflict } = await claimRound(due, overBudget, ports);
  if (isConflict) {
    throw new FlowError(
      'ALERT_FAILED',
      'another batch claimed an alert of another episode at the same time; this batch must be retried',
    );
  }
  const toReEvaluate = [...claimed.filter(({ rule, record }) => rule.ended || record.deferred), ...lost];
  if (toReEvaluate.length > 0) await ports.alertState.schedule(toReEvaluate.map(reEvaluationOf), ports.deadline);
  const toSend = claimed.filter(({ record }) => !record.deferred);
  const messages = messagesOf(toSend.filter(isNotifying), storms, budget.left, context);
  const logOnly = messagesOf(toSend.filter(isLogOnly), storms, Number.POSITIVE_INFINITY, context);
  budget.take(messages.length);
  await publishRound(messages, logOnly, ports);
  return {
    published: messages.flatMap((message) => message.findings),
    logged: logOnly.flatMap((message) => message.findings),
    deferred: claimed.filter(({ record }) => record.deferred),
    silenced,
  };
}

function reEvaluationOf({ rule, delta, record }: Finding): ReEvaluation {
  return { rule: rule.name, key: delta.key, token: record.token };
}

/** The most writes of a batch that only count suppressions. */
const maxSuppressionWrites = 100;

/**
 * Records on each live alert that it suppressed findings of this batch, in at most 100 writes. Schedules pending alerts
 * of other batches for re-evaluation: a slow attempt can leave one behind after another attempt completed its batch.
 */
export async function recordSuppressions(
  { suppressions, pendingElsewhere }: Pick<Evaluation, 'suppressions' | 'pendingElsewhere'>,
  batch: Batch,
  { counters, alertState, deadline }: AlertPorts,
): Promise<void> {
  if (pendingElsewhere.length > 0) await alertState.schedule(pendingElsewhere, deadline);
  await pMap(
    suppressions.slice(0, maxSuppressionWrites),
    ({ pk, record }) => counters.recordSuppression(pk, record, batch.dedupToken, deadline),
    { concurrency },
  );
}
