import pMap from 'p-map';
import { FlowError } from '../common/errors.ts';
import { concurrency } from '../count/counter-store.ts';
import type { AlertRecord } from '../counters/alert-record.ts';
import { suppresses } from '../counters/alert-record.ts';
import { type Batch, minuteOf } from '../counters/batch.ts';
import { observedUntil } from '../counters/silence.ts';
import type { Evaluation, Finding, ReEvaluation } from '../evaluate/finding.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Context } from './alert-body.ts';
import type { AlertPorts } from './alert-ports.ts';
import type { MessageLimits } from './messages.ts';
import { deferredOf, type Message, messageCount, messagesOf, stormsOf } from './messages.ts';

/**
 * Claims, publishes and marks the alerts that are due. What may not be sent in this minute is claimed as put off, and is
 * followed up: see follow-up.ts.
 */
export async function sendAlerts(
  findings: readonly Finding[],
  batch: Batch,
  context: Context,
  { perBatch, perMinute }: MessageLimits,
  ports: AlertPorts,
): Promise<AlertOutcome> {
  const silenced: Finding[] = [];
  const outcome = { published: [] as Finding[][], logged: [] as Finding[][], deferred: [] as Finding[] };
  const storms = stormsOf(findings);
  const rounds = roundsOf(findings);
  const wanted = rounds.reduce((sum, round) => sum + messageCount(round.filter(isNotifying), storms), 0);
  const most = Math.min(perBatch, wanted);
  let left = most === 0 ? 0 : await ports.alertState.reserveMessages(minuteOf(batch), most, perMinute, ports.deadline);
  const isWaiting = new Set<string>();
  for (const round of rounds) {
    const due = round.filter((finding) => !isWaiting.has(recordSlotOf(finding)));
    const waiting = deferredOf(due.filter(isNotifying), left);
    const lost: Finding[] = [];
    const claimed = await claimAll(due, waiting, { silenced, lost }, ports);
    const followed = [...claimed.filter(({ rule, record }) => rule.ended || record.deferred), ...lost];
    if (followed.length > 0) await ports.alertState.schedule(followed.map(reEvaluationOf), ports.deadline);
    const toSend = claimed.filter(({ record }) => !record.deferred);
    const messages = messagesOf(toSend.filter(isNotifying), storms, left, context);
    const quiet = messagesOf(toSend.filter(isLogOnly), storms, Number.POSITIVE_INFINITY, context);
    left -= messages.length;
    const groups = chunked(messages, messagesAtOnce);
    const outcomes = await pMap(groups, (group) => publishAndMark(group, ports), { concurrency: publishesAtOnce });
    for (const message of quiet) ports.log.alert(message.alert);
    const marked = await markAll(quiet, ports);
    const failures = [...outcomes, ...marked].filter((failure) => failure !== undefined);
    if (failures.length > 0) throw failures[0];
    outcome.published.push(messages.flatMap((message) => message.findings));
    outcome.logged.push(quiet.flatMap((message) => message.findings));
    for (const finding of claimed) {
      if (!finding.record.deferred) continue;
      outcome.deferred.push(finding);
      isWaiting.add(recordSlotOf(finding));
    }
  }
  return { published: outcome.published.flat(), logged: outcome.logged.flat(), deferred: outcome.deferred, silenced };
}

/** The most writes of a batch that only count what was held back. */
const maxSuppressionWrites = 100;

/**
 * Counts the batch with the alerts that held back others, up to a bound, and has those looked at again that are but
 * promised: a try that outlives another one of its batch may promise one when the batch comes no more.
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
    {
      concurrency,
    },
  );
}

const isLogOnly = ({ rule }: Finding): boolean => isExperimental(rule);
const isNotifying = (finding: Finding): boolean => !isLogOnly(finding);
const sequenceOf = ({ delta, record }: Finding): string => `${delta.key.pk} ${record.rule}`;
const reEvaluationOf = ({ rule, delta, record }: Finding): ReEvaluation => ({
  rule: rule.name,
  key: delta.key,
  token: record.token,
});

/** Where a finding is claimed: an alert must not take the place of an earlier one that waits to be sent. */
const recordSlotOf = (finding: Finding): string => `${sequenceOf(finding)} ${finding.record.multiple}`;

/** As many as go into one PublishBatch, and as many of those as are under way at once. */
const messagesAtOnce = 10;
const publishesAtOnce = 4;

/**
 * An alert of a rule may hold back, or take the place of, an earlier one of the same key only when that was sent: they
 * go one after the other, a round each.
 */
function roundsOf(findings: readonly Finding[]): Finding[][] {
  const sequences = Map.groupBy(findings, sequenceOf);
  const rounds: Finding[][] = [];
  for (const oneAfterOther of sequences.values()) {
    for (const [round, finding] of oneAfterOther.entries()) {
      rounds[round] ??= [];
      rounds[round].push(finding);
    }
  }
  return rounds;
}

/**
 * Claims findings, those that have to wait as put off; answers those that are held.
 *
 * @param others gets those that were silenced meanwhile, and those lost to a promise that is not kept yet, with it as the claim
 */
async function claimAll(
  findings: readonly Finding[],
  waiting: ReadonlySet<Finding>,
  others: Record<'silenced' | 'lost', Finding[]>,
  { counters, deadline }: AlertPorts,
): Promise<Finding[]> {
  const claimed = await pMap(
    findings,
    async (finding) => {
      const { isClaimed: isOurs, delta, replaces } = finding;
      const as = { deferred: waiting.has(finding), logOnly: isLogOnly(finding) };
      const claim = { ...finding.record, ...as };
      if (isOurs && replaces?.deferred === claim.deferred) return [{ ...finding, record: claim }];
      const { pk } = delta.key;
      const seen = observedUntil(claim, finding.counter);
      let outcome = await counters.claim(pk, claim, replaces, seen, deadline);
      if ('claimed' in outcome && outcome.claimed.deferred !== claim.deferred) {
        outcome = await counters.claim(pk, { ...outcome.claimed, ...as }, outcome.claimed, seen, deadline);
      }
      if ('claimed' in outcome) return [{ ...finding, record: outcome.claimed }];
      if ('silencedBy' in outcome) {
        others.silenced.push(finding);
        return [];
      }
      const { lostTo } = outcome;
      if (!needsNoRetry(finding, lostTo)) return [undefined];
      if (lostTo && !lostTo.sent) others.lost.push({ ...finding, record: lostTo });
      return [];
    },
    { concurrency },
  );
  const held = claimed.flat();
  if (held.includes(undefined)) {
    throw new FlowError(
      'ALERT_FAILED',
      'an alert of another episode was claimed at the same time; the batch must come again',
    );
  }
  return held.filter((finding) => finding !== undefined);
}

/** A claim was lost to good purpose when it is taken over already, or the one that stands there holds it back. */
function needsNoRetry({ rule, record }: Finding, lostTo: AlertRecord | undefined): boolean {
  if (!lostTo || lostTo.id === record.id) return true;
  return suppresses(lostTo, rule, { multiple: record.multiple, window: record });
}

/**
 * Publishes some messages, and marks what the topic took at once: a batch that runs out of time in a storm must not begin
 * again from the start. Begins nothing after the deadline. Answers what went wrong, once all marks have ended: a failed
 * one must not keep others from being set, or their alerts would be sent again.
 */
async function publishAndMark(messages: readonly Message[], ports: AlertPorts): Promise<Error | undefined> {
  const { alerts, deadline } = ports;
  if (deadline.aborted) return new FlowError('DEADLINE_NEAR', 'gave up publishing before the deadline');
  const { published, problems } = await alerts.publish(
    messages.map((message) => message.alert),
    deadline,
  );
  const sent = messages.filter((message) => published.has(message.alert));
  const marks = await markAll(sent, ports);
  const unpublished = messages.length - sent.length;
  if (unpublished === 0) return marks.find((failure) => failure !== undefined);
  return new FlowError(
    'ALERT_FAILED',
    `${unpublished} of ${messages.length} messages were not published: ${problems[0]}`,
  );
}

/** Marks the findings of messages as sent; answers for each what went wrong, or undefined. */
function markAll(messages: readonly Message[], { counters, closing }: AlertPorts): Promise<(Error | undefined)[]> {
  return pMap(
    messages.flatMap(({ findings }) => findings),
    ({ delta, record }) =>
      counters.markSent(delta.key.pk, record, closing).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
    { concurrency },
  );
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** What became of findings. */
export interface AlertOutcome {
  readonly published: readonly Finding[];
  /** Those of experimental rules, which only the log tells of. */
  readonly logged: readonly Finding[];
  /** Those that wait for a later minute. */
  readonly deferred: readonly Finding[];
  /** Those that were silenced between their counting and their claim. */
  readonly silenced: readonly Finding[];
}
