import pMap from 'p-map';
import { FlowError } from '../common/errors.ts';
import { concurrency } from '../count/counter-store.ts';
import { type Batch, minuteOf } from '../counters/batch.ts';
import type { Claim } from '../counters/claim.ts';
import { holdsBack } from '../counters/claim.ts';
import { seenUntil } from '../counters/silence.ts';
import type { Finding, FollowUp, Judgement } from '../evaluate/finding.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Context } from './alert-body.ts';
import type { AlertPorts } from './alert-ports.ts';
import type { MessageLimits } from './messages.ts';
import { type Message, messageCount, messagesOf, stormsOf, waitingOf } from './messages.ts';

/**
 * Claims, publishes and marks the alerts that are due. What may not be sent in this minute is claimed as put off, and is
 * followed up: see follow-up.ts.
 */
export async function alert(
  findings: readonly Finding[],
  batch: Batch,
  context: Context,
  { perBatch, perMinute }: MessageLimits,
  ports: AlertPorts,
): Promise<Alerted> {
  const silenced: Finding[] = [];
  const outcome = { published: [] as Finding[][], logged: [] as Finding[][], deferred: [] as Finding[] };
  const storms = stormsOf(findings);
  const rounds = roundsOf(findings);
  const wanted = rounds.reduce((sum, round) => sum + messageCount(round.filter(isPaging), storms), 0);
  const most = Math.min(perBatch, wanted);
  let left = most === 0 ? 0 : await ports.ledger.takeMessages(minuteOf(batch), most, perMinute, ports.deadline);
  const isWaiting = new Set<string>();
  for (const round of rounds) {
    const due = round.filter((finding) => !isWaiting.has(placeOf(finding)));
    const waiting = waitingOf(due.filter(isPaging), left);
    const lost: Finding[] = [];
    const claimed = await claimAll(due, waiting, { silenced, lost }, ports);
    const followed = [...claimed.filter(({ rule, claim }) => rule.ended || claim.deferred), ...lost];
    if (followed.length > 0) await ports.ledger.follow(followed.map(followUpOf), ports.deadline);
    const toSend = claimed.filter(({ claim }) => !claim.deferred);
    const messages = messagesOf(toSend.filter(isPaging), storms, left, context);
    const quiet = messagesOf(toSend.filter(isQuiet), storms, Number.POSITIVE_INFINITY, context);
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
      if (!finding.claim.deferred) continue;
      outcome.deferred.push(finding);
      isWaiting.add(placeOf(finding));
    }
  }
  return { published: outcome.published.flat(), logged: outcome.logged.flat(), deferred: outcome.deferred, silenced };
}

/** The most writes of a batch that only count what was held back. */
const mostHeldBack = 100;

/**
 * Counts the batch with the alerts that held back others, up to a bound, and has those looked at again that are but
 * promised: a try that outlives another one of its batch may promise one when the batch comes no more.
 */
export async function holdBack(
  { heldBack, awaited }: Pick<Judgement, 'heldBack' | 'awaited'>,
  batch: Batch,
  { counters, ledger, deadline }: AlertPorts,
): Promise<void> {
  if (awaited.length > 0) await ledger.follow(awaited, deadline);
  await pMap(heldBack.slice(0, mostHeldBack), ({ pk, claim }) => counters.hold(pk, claim, batch.token, deadline), {
    concurrency,
  });
}

const isQuiet = ({ rule }: Finding): boolean => isExperimental(rule);
const isPaging = (finding: Finding): boolean => !isQuiet(finding);
const sequenceOf = ({ delta, claim }: Finding): string => `${delta.key.pk} ${claim.rule}`;
const followUpOf = ({ rule, delta, claim }: Finding): FollowUp => ({
  rule: rule.name,
  key: delta.key,
  token: claim.token,
});

/** Where a finding is claimed: an alert must not take the place of an earlier one that waits to be sent. */
const placeOf = (finding: Finding): string => `${sequenceOf(finding)} ${finding.claim.multiple}`;

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
      const { claimed: isOurs, delta, replaces } = finding;
      const as = { deferred: waiting.has(finding), quiet: isQuiet(finding) };
      const claim = { ...finding.claim, ...as };
      if (isOurs && replaces?.deferred === claim.deferred) return [{ ...finding, claim }];
      const { pk } = delta.key;
      const seen = seenUntil(claim, finding.counter);
      let outcome = await counters.claim(pk, claim, replaces, seen, deadline);
      if ('held' in outcome && outcome.held.deferred !== claim.deferred) {
        outcome = await counters.claim(pk, { ...outcome.held, ...as }, outcome.held, seen, deadline);
      }
      if ('held' in outcome) return [{ ...finding, claim: outcome.held }];
      if ('silencedBy' in outcome) {
        others.silenced.push(finding);
        return [];
      }
      const { lostTo } = outcome;
      if (!isMadeNeedless(finding, lostTo)) return [undefined];
      if (lostTo && !lostTo.sent) others.lost.push({ ...finding, claim: lostTo });
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
function isMadeNeedless({ rule, claim }: Finding, lostTo: Claim | undefined): boolean {
  if (!lostTo || lostTo.id === claim.id) return true;
  return holdsBack(lostTo, rule, { multiple: claim.multiple, window: claim });
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
    ({ delta, claim }) =>
      counters.markSent(delta.key.pk, claim, closing).then(
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
export interface Alerted {
  readonly published: readonly Finding[];
  /** Those of experimental rules, which only the log tells of. */
  readonly logged: readonly Finding[];
  /** Those that wait for a later minute. */
  readonly deferred: readonly Finding[];
  /** Those that were silenced between their counting and their claim. */
  readonly silenced: readonly Finding[];
}
