import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../lambda/alert/alert.ts';
import { SnsAlertPublisher } from '../../../lambda/aws/sns-alert-publisher.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { sharedStack } from '../../support/shared-stack.ts';

const stack = sharedStack();
let publisher: SnsAlertPublisher;
const signal = new AbortController().signal;

beforeEach(() => {
  publisher = new SnsAlertPublisher(stack().clients.sns, stack().environment[environmentNames.topicArn]!);
});

const alertOf = (n: number, text = 'text'): Alert => ({
  id: `id-${n}`,
  subject: `Alert ${n}`,
  text,
  body: JSON.stringify({ id: `id-${n}` }),
  attributes: new Map([['rule', 'some_rule']]),
});
const alerts = (count: number, text?: string) => Array.from({ length: count }, (_, n) => alertOf(n, text));
const received = () =>
  stack()
    .alerts()
    .map(({ body }) => (JSON.parse(body) as { id: string }).id);

type Entry = { Id: string; Subject: string };
type Call = { input: { PublishBatchRequestEntries: Entry[] } };

/** Makes the topic reject some entries of successful calls, as SNS may; returns the sizes of the calls. */
function rejectEntries(isRejected: (entry: Entry, call: number) => boolean): number[] {
  const calls: number[] = [];
  stack().clients.sns.middlewareStack.add(
    ((next: (args: Call) => Promise<{ output: { Successful: Entry[]; Failed: object[] } }>) => async (args: Call) => {
      const entries = args.input.PublishBatchRequestEntries;
      const call = calls.push(entries.length);
      const failed = entries.filter((entry) => isRejected(entry, call));
      const accepted = entries.filter((entry) => !failed.includes(entry));
      const Failed = failed.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false, Message: 'try again' }));
      if (accepted.length === 0) return { response: {}, output: { Successful: [], Failed } };
      const answer = await next({ ...args, input: { ...args.input, PublishBatchRequestEntries: accepted } });
      return { ...answer, output: { ...answer.output, Failed } };
    }) as never,
    { step: 'initialize', name: 'reject' },
  );
  return calls;
}

describe('SnsAlertPublisher', () => {
  it('publishes the text for people, the JSON for machines, and the attributes for filters', async () => {
    await publisher.publish([alertOf(1, 'for people')], signal);
    expect(stack().alerts()).toEqual([
      { subject: 'Alert 1', text: 'for people', body: '{"id":"id-1"}', attributes: { rule: 'some_rule' } },
    ]);
  });

  it('publishes ten alerts per call', async () => {
    const calls = rejectEntries(() => false);
    const { published } = await publisher.publish(alerts(23), signal);
    expect(published.size).toBe(23);
    expect(received()).toEqual(alerts(23).map(({ id }) => id));
    expect(calls).toEqual([10, 10, 3]);
  });

  it('limits a call to the maximum size of SNS', async () => {
    const calls = rejectEntries(() => false);
    await publisher.publish(alerts(10, 'x'.repeat(60_000)), signal);
    expect(calls).toEqual([4, 4, 2]);
    expect(received()).toHaveLength(10);
  });

  it('retries only the rejected entries of a call', async () => {
    const calls = rejectEntries(({ Id }, call) => call === 1 && ['2', '5'].includes(Id));
    const { published } = await publisher.publish(alerts(8), signal);
    expect(published.size).toBe(8);
    expect(calls).toEqual([8, 2]);
    expect(received().sort()).toEqual(alerts(8).map(({ id }) => id));
  });

  it('returns the published alerts and the reasons of rejections', async () => {
    rejectEntries(({ Subject }) => Subject === 'Alert 3');
    const all = alerts(5);
    const { published, problems } = await publisher.publish(all, signal);
    expect(all.filter((alert) => !published.has(alert))).toEqual([all[3]]);
    expect(problems[0]).toBe('InternalError: try again');
  });

  it('publishes nothing, and returns a problem, after the deadline', async () => {
    const { published, problems } = await publisher.publish(alerts(2), AbortSignal.abort());
    expect(published.size).toBe(0);
    expect(problems[0]).toMatch(/abort/i);
    expect(received()).toEqual([]);
  });
});
