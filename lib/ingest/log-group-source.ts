import { Role } from 'aws-cdk-lib/aws-iam';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { scopedServicePrincipal } from '../security/scoped-service-principal.ts';
import type { Settings } from '../settings/settings.ts';
import { constructIdOf } from './construct-id.ts';

export interface LogGroupSourceProps {
  readonly stream: IDeliveryStream;
  /** Log groups of this account and region with flow logs. At least one. */
  readonly logGroups: Settings['logGroups'];
}

/**
 * Flow logs in CloudWatch Logs: a subscription filter on each log group sends new events to the stream. A log group may
 * have two filters, including those of others (CloudWatch Logs User Guide, "Real-time processing of log data with
 * subscriptions").
 */
export class LogGroupSource extends Construct {
  constructor(scope: Construct, id: string, { stream, logGroups }: LogGroupSourceProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: scopedServicePrincipal(this, 'logs') });
    stream.grantPutRecords(role);
    for (const { name } of logGroups) {
      const filter = new CfnSubscriptionFilter(this, constructIdOf(this, 'LogGroup', name), {
        logGroupName: name,
        filterPattern: '',
        destinationArn: stream.deliveryStreamArn,
        roleArn: role.roleArn,
      });
      // CloudWatch Logs sends a test message when it creates the filter, so the role needs its permissions before.
      filter.node.addDependency(role);
    }
  }
}
