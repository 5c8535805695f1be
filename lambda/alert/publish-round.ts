import pMap from 'p-map';
import { chunked } from '../common/chunked.ts';
import { FlowError } from '../common/errors.ts';
import { concurrency } from '../count/counter-store.ts';
import type { AlertPorts } from './alert-ports.ts';
import type { Message } from './messages.ts';

/** The most messages of one PublishBatch, and the number of calls in flight at once. */
const messagesPerCall = 10;
const callsInFlight = 4;

/**
 * Publishes and logs the messages of one round, and marks their alerts as sent.
 *
 * @param messages the messages to publish
 * @param logOnly the messages to log
 * @throws FlowError `ALERT_FAILED` or `DEADLINE_NEAR` once every mark has ended: a failure does not keep the alerts of
 * other messages from being marked, or they would be sent again
 */
export async function publishRound(
  messages: readonly Message[],
  logOnly: readonly Message[],
  ports: AlertPorts,
): Promise<void> {
  const calls = chunked(messages, messagesPerCall);
  const published = await pMap(calls, (call) => publishAndMark(call, ports), { concurrency: callsInFlight });
  for (const { alert } of logOnly) ports.log.alert(alert);
  const marked = await markSent(logOnly, ports);
  const failure = [...published, ...marked].find((error) => error !== undefined);
  if (failure) throw failure;
}

/**
 * Publishes the messages of one call and marks at once the alerts that the topic accepted: a batch that runs out of
 * time in a storm must not begin again from the start. Starts nothing after the deadline. Returns the failure, if any.
 */
async function publishAndMark(messages: readonly Message[], ports: AlertPorts): Promise<Error | undefined> {
  const { alerts, deadline } = ports;
  if (deadline.aborted) return new FlowError('DEADLINE_NEAR', 'publishing stopped before the deadline');
  const { published, problems } = await alerts.publish(
    messages.map((message) => message.alert),
    deadline,
  );
  const sent = messages.filter((message) => published.has(message.alert));
  const failures = await markSent(sent, ports);
  const unpublished = messages.length - sent.length;
  if (unpublished === 0) return failures.find((failure) => failure !== undefined);
  return new FlowError(
    'ALERT_FAILED',
    `${unpublished} of ${messages.length} messages were not published: ${problems[0]}`,
  );
}

/** Marks the findings of messages as sent. Returns the failure of each mark, or undefined. */
function markSent(messages: readonly Message[], { counters, closing }: AlertPorts): Promise<(Error | undefined)[]> {
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
