import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { OwnKey } from '../security/customer-managed-key.ts';
import { retainWithPolicy } from '../security/retain-with-policy.ts';

export interface MailTopicProps {
  /** Who gets its messages by e-mail. SNS asks each of them to confirm first. */
  readonly emails: readonly string[];
  /** What encrypts messages while SNS has them. */
  readonly ownKey?: OwnKey | undefined;
  /** Whether it stays when the stack goes. */
  readonly protect?: boolean;
}

/**
 * A topic that is reached over TLS only, with those who get its messages by e-mail.
 *
 * @param displayName what an e-mail says it comes from
 */
export function mailTopic(
  scope: Construct,
  displayName: string,
  { emails, ownKey, protect = true }: MailTopicProps,
): Topic {
  const topic = new Topic(scope, 'Topic', {
    displayName,
    enforceSSL: true,
    ...(ownKey && { masterKey: ownKey.key }),
  });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  if (protect) retainWithPolicy(topic);
  return topic;
}
