import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type EmailTopicProps, emailTopic } from './email-topic.ts';

/** Where the alarms about flow-sentinel itself go, over TLS only, apart from the alerts about the network. */
export class OperationsTopic extends Construct {
  readonly action: IAlarmAction;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    // Without an own key nothing encrypts its messages: alarms may not use the key that AWS manages for SNS.
    const topic = emailTopic(this, 'flow-sentinel operations', props);
    topic.addToResourcePolicy(alarmsMayPublish(topic.topicArn, Stack.of(this)));
    this.action = { bind: () => ({ alarmActionArn: topic.topicArn }) };
  }
}

/**
 * A topic with a policy of its own no longer has the one that lets the whole account publish, alarms among it. Only this
 * stack's alarms are let in: by name, and so by no other service on somebody else's behalf (SNS Developer Guide,
 * "Example cases for Amazon SNS access control").
 */
function alarmsMayPublish(topicArn: string, stack: Stack): PolicyStatement {
  const alarms = stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${stack.stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topicArn],
    conditions: { ArnLike: { 'aws:SourceArn': alarms }, StringEquals: { 'aws:SourceAccount': stack.account } },
  });
}
