import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainWithPolicy } from '../security/retain-with-policy.ts';

export interface EmailTopicProps {
  /** The addresses that receive the messages by e-mail. SNS asks each of them for confirmation. */
  readonly emails: readonly string[];
  /**
   * The key that encrypts messages at rest in SNS.
   *
   * @default none, or the AWS-managed key of SNS
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /**
   * Whether the topic outlives the stack.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * Creates a topic over TLS only, with e-mail subscriptions.
 *
 * @param displayName the sender that an e-mail shows
 */
export function emailTopic(
  scope: Construct,
  displayName: string,
  { emails, encryptionKey, protect = true }: EmailTopicProps,
): Topic {
  const topic = new Topic(scope, 'Topic', {
    displayName,
    enforceSSL: true,
    ...(encryptionKey && { masterKey: encryptionKey.key }),
  });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  if (protect) retainWithPolicy(topic);
  return topic;
}
