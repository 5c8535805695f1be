import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainWithPolicy } from '../security/retain-with-policy.ts';

export interface EmailTopicProps {
  /** Who gets its messages by e-mail. SNS asks each of them to confirm first. */
  readonly emails: readonly string[];
  /** What encrypts messages while SNS has them. */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /** Whether it stays when the stack goes. */
  readonly protect?: boolean;
}

/**
 * A topic that is reached over TLS only, with those who get its messages by e-mail.
 *
 * @param displayName what an e-mail says it comes from
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
