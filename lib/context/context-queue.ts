import { Duration, Stack } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { changePatterns, findingPattern } from './context-patterns.ts';

/** SQS's maximum (SQS Developer Guide, "Message quotas"). */
const maxRetention = Duration.days(14);

/** The time in which a message is handled. A queue hides it six times as long (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export const contextTimeout = Duration.minutes(1);

/** How often a message is received before it goes to the dead-letter queue: the same page recommends at least five. */
const maxReceiveCount = 5;

export interface ContextQueueProps {
  /**
   * The central event bus of an organization.
   *
   * @default none: only events of this account
   */
  readonly bus?: IEventBus | undefined;
}

/**
 * The queue of GuardDuty findings and network changes, and the rules that fill it. A burst waits in the queue. A message that
 * fails five times goes to the dead-letter queue.
 */
export class ContextQueue extends Construct {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;

  constructor(scope: Construct, id: string, { bus }: ContextQueueProps = {}) {
    super(scope, id);
    // A key of SQS also with a customer-managed key: EventBridge could use that key only by a statement without conditions.
    const secured = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const deadLetters = new Queue(this, 'DeadLetters', { ...secured, retentionPeriod: maxRetention });
    const queue = new Queue(this, 'Queue', {
      ...secured,
      retentionPeriod: maxRetention,
      visibilityTimeout: Duration.seconds(6 * contextTimeout.toSeconds()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount },
    });
    const { account } = Stack.of(this);
    const ownAccount = { account: [account] };
    const rules = [
      // A delegated administrator gets the findings of members. Whose account their events have is not documented.
      this.#rule('Findings', 'GuardDuty findings', { ...findingPattern, ...(!bus && ownAccount) }),
      ...changePatterns().map((pattern, index) =>
        this.#rule(`Changes${index}`, 'Changes of the network', { ...pattern, ...ownAccount }),
      ),
      ...(bus
        ? [
            this.#rule('MemberFindings', 'GuardDuty findings of members', findingPattern, bus),
            ...changePatterns().map((pattern, index) =>
              this.#rule(`MemberChanges${index}`, 'Changes of the networks of members', pattern, bus),
            ),
          ]
        : []),
    ];
    for (const rule of rules) rule.addTarget({ bind: () => ({ arn: queue.queueArn }) });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rules.map(({ ruleArn }) => ruleArn) } },
      }),
    );
    this.queue = queue;
    this.deadLetters = deadLetters;
  }

  /** Grants the permissions to handle messages, and to send one again later. */
  grantHandle(grantee: IGrantable): Grant {
    const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage'];
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.queue.queueArn] });
  }

  #rule(id: string, description: string, eventPattern: EventPattern, eventBus?: IEventBus): Rule {
    return new Rule(this, id, { description, eventPattern, ...(eventBus && { eventBus }) });
  }
}
