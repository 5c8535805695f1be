import pMap from 'p-map';
import type { Origin } from './core/alert-body.ts';
import type { Claim } from './core/counter.ts';
import { type Finding, holdsBack } from './core/judge.ts';
import { type Message, messagesOf, stormsOf } from './core/message.ts';
import { FlowError } from './errors.ts';
import { concurrency, type Ports } from './ports.ts';

/** Claims, publishes and marks the alerts that are due; answers how many findings were published. */
export async function alert(findings: readonly Finding[], origin: Origin, ports: Ports): Promise<number> {
  let published = 0;
  const storms = stormsOf(findings);
  for (const round of roundsOf(findings)) {
    const claimed = await claimAll(round, ports);
    const groups = chunked(messagesOf(claimed, storms, origin), messagesAtOnce);
    const outcomes = await pMap(groups, (group) => publishAndMark(group, ports), { concurrency: publishesAtOnce });
    const failures = outcomes.filter((outcome) => outcome instanceof Error);
    if (failures.length > 0) throw failures[0];
    published += claimed.length;
  }
  return published;
}

/** As many as go into one PublishBatch, and as many of those as are under way at once. */
const messagesAtOnce = 10;
const publishesAtOnce = 4;

/**
 * An alert of a rule may hold back, or take the place of, an earlier one of the same key only when that was sent: they
 * go one after the other, a round each.
 */
function roundsOf(findings: readonly Finding[]): Finding[][] {
  const sequences = Map.groupBy(findings, ({ delta, claim }) => `${delta.key.pk} ${claim.rule}`);
  const rounds: Finding[][] = [];
  for (const oneAfterOther of sequences.values()) {
    for (const [round, finding] of oneAfterOther.entries()) {
      rounds[round] ??= [];
      rounds[round].push(finding);
    }
  }
  return rounds;
}

async function claimAll(findings: readonly Finding[], { counters, deadline }: Ports): Promise<Finding[]> {
  const claimed = await pMap(
    findings,
    async (finding) => {
      const { claimed: isOurs, delta, claim, replaces } = finding;
      if (isOurs) return [finding];
      const outcome = await counters.claim(delta.key.pk, claim, replaces, deadline);
      if ('held' in outcome) return [{ ...finding, claim: outcome.held }];
      return isMadeNeedless(finding, outcome.lostTo) ? [] : [undefined];
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
async function publishAndMark(messages: readonly Message[], ports: Ports): Promise<Error | undefined> {
  const { counters, alerts, deadline, closing } = ports;
  if (deadline.aborted) return new FlowError('DEADLINE_NEAR', 'gave up publishing before the deadline');
  const { published, problems } = await alerts.publish(
    messages.map((message) => message.alert),
    deadline,
  );
  const sent = messages.filter((message) => published.has(message.alert));
  const marks = await pMap(
    sent.flatMap(({ findings }) => findings),
    ({ delta, claim }) =>
      counters.markSent(delta.key.pk, claim, closing).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
    { concurrency },
  );
  const unpublished = messages.length - sent.length;
  if (unpublished === 0) return marks.find((failure) => failure !== undefined);
  return new FlowError(
    'ALERT_FAILED',
    `${unpublished} of ${messages.length} messages were not published: ${problems[0]}`,
  );
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
