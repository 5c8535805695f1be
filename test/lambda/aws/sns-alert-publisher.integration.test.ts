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

/** Lets the topic refuse some entries of calls that go through, as SNS may; answers the sizes of the calls. */
function refuse(refused: (entry: Entry, call: number) => boolean): number[] {
  const calls: number[] = [];
  stack().clients.sns.middlewareStack.add(
    ((next: (args: Call) => Promise<{ output: { Successful: Entry[]; Failed: object[] } }>) => async (args: Call) => {
      const entries = args.input.PublishBatchRequestEntries;
      const call = calls.push(entries.length);
      const failed = entries.filter((entry) => refused(entry, call));
      const taken = entries.filter((entry) => !failed.includes(entry));
      const Failed = failed.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false, Message: 'try again' }));
      if (taken.length === 0) return { response: {}, output: { Successful: [], Failed } };
      const answer = await next({ ...args, input: { ...args.input, PublishBatchRequestEntries: taken } });
      return { ...answer, output: { ...answer.output, Failed } };
    }) as never,
    { step: 'initialize', name: 'refuse' },
  );
  return calls;
}

describe('SnsAlertPublisher', () => {
  it('gives people the text, machines the JSON, and filters their attributes', async () => {
    await publisher.publish([alertOf(1, 'for people')], signal);
    expect(stack().alerts()).toEqual([
      { subject: 'Alert 1', text: 'for people', body: '{"id":"id-1"}', attributes: { rule: 'some_rule' } },
    ]);
  });

  it('publishes any number, ten to a call', async () => {
    const calls = refuse(() => false);
    const { published } = await publisher.publish(alerts(23), signal);
    expect(published.size).toBe(23);
    expect(received()).toEqual(alerts(23).map(({ id }) => id));
    expect(calls).toEqual([10, 10, 3]);
  });

  it('keeps a call under the size that SNS takes', async () => {
    const calls = refuse(() => false);
    await publisher.publish(alerts(10, 'x'.repeat(60_000)), signal);
    expect(calls).toEqual([4, 4, 2]);
    expect(received()).toHaveLength(10);
  });

  it('tries again what a call did not take, and only that', async () => {
    const calls = refuse(({ Id }, call) => call === 1 && ['2', '5'].includes(Id));
    const { published } = await publisher.publish(alerts(8), signal);
    expect(published.size).toBe(8);
    expect(calls).toEqual([8, 2]);
    expect(received().sort()).toEqual(alerts(8).map(({ id }) => id));
  });

  it('says which alerts the topic would not take, and why', async () => {
    refuse(({ Subject }) => Subject === 'Alert 3');
    const all = alerts(5);
    const { published, problems } = await publisher.publish(all, signal);
    expect(all.filter((alert) => !published.has(alert))).toEqual([all[3]]);
    expect(problems[0]).toBe('InternalError: try again');
  });

  it('publishes nothing once the deadline is near, and says so', async () => {
    const { published, problems } = await publisher.publish(alerts(2), AbortSignal.abort());
    expect(published.size).toBe(0);
    expect(problems[0]).toMatch(/abort/i);
    expect(received()).toEqual([]);
  });
});
