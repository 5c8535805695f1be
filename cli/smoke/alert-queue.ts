import { randomUUID } from 'node:crypto';
import { type SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** A temporary queue that is subscribed to the alerts of one rule. */
export class AlertQueue {
  readonly #clients: { readonly sqs: SQSClient; readonly sns: SNSClient };
  readonly #topicArn: string;
  readonly #name = `flow-sentinel-smoke-${randomUUID().slice(0, 8)}`;
  #url: string | undefined;
  #subscription: string | undefined;

  constructor(clients: { readonly sqs: SQSClient; readonly sns: SNSClient }, topicArn: string) {
    this.#clients = clients;
    this.#topicArn = topicArn;
  }

  /** Creates the queue and subscribes it. If this fails, `remove` still removes everything that was created. */
  async open(rule: string): Promise<void> {
    const { sqs, sns } = this.#clients;
    const [, partition, , region, account] = this.#topicArn.split(':');
    const arn = `arn:${partition}:sqs:${region}:${account}:${this.#name}`;
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': this.#topicArn } },
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const created = await sqs.send(
      new CreateQueueCommand({
        QueueName: this.#name,
        Attributes: { Policy: policy, MessageRetentionPeriod: '3600', SqsManagedSseEnabled: 'true' },
      }),
    );
    this.#url = created.QueueUrl;
    const subscribed = await sns.send(
      new SubscribeCommand({
        TopicArn: this.#topicArn,
        Protocol: 'sqs',
        Endpoint: arn,
        Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ rule: [rule] }) },
        ReturnSubscriptionArn: true,
      }),
    );
    this.#subscription = subscribed.SubscriptionArn;
  }

  /** Returns the bodies of the messages that arrive within `seconds`, at most 20. */
  async receive(seconds: number, signal: AbortSignal): Promise<string[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      WaitTimeSeconds: seconds,
      MaxNumberOfMessages: 10,
    });
    const { Messages = [] } = await this.#clients.sqs.send(command, { abortSignal: signal });
    return Messages.map(({ Body }) => Body ?? '');
  }

  /** Removes the subscription and the queue. Returns what could not be removed, with the error. */
  async remove(): Promise<string[]> {
    const { sqs, sns } = this.#clients;
    const [url, subscription] = [this.#url, this.#subscription];
    const left: string[] = [];
    const attempt = async (what: string, removal: Promise<unknown>) => {
      await removal.catch((error: unknown) => left.push(`${what}: ${String(error)}`));
    };
    if (subscription !== undefined) {
      const command = new UnsubscribeCommand({ SubscriptionArn: subscription });
      await attempt(`the subscription ${subscription}`, sns.send(command));
    }
    if (url !== undefined) await attempt(`the queue ${url}`, sqs.send(new DeleteQueueCommand({ QueueUrl: url })));
    return left;
  }
}
