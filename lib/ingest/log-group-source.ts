import { Role } from 'aws-cdk-lib/aws-iam';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { scopedServicePrincipal } from '../security/scoped-service-principal.ts';
import type { Settings } from '../settings/settings.ts';

export interface LogGroupSourceProps {
  readonly stream: IDeliveryStream;
  /** Log groups of this account and region that flow logs are published to; at least one. */
  readonly logGroups: Settings['logGroups'];
}

/**
 * The flow logs that are in CloudWatch Logs already: a subscription filter on each log group sends all that comes into it
 * from now on to the stream. A log group has room for two filters, whosever they are (CloudWatch Logs User Guide,
 * "Real-time processing of log data with subscriptions").
 */
export class LogGroupSource extends Construct {
  constructor(scope: Construct, id: string, { stream, logGroups }: LogGroupSourceProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: scopedServicePrincipal(this, 'logs') });
    stream.grantPutRecords(role);
    for (const { name } of logGroups) {
      const filter = new CfnSubscriptionFilter(this, name, {
        logGroupName: name,
        filterPattern: '',
        destinationArn: stream.deliveryStreamArn,
        roleArn: role.roleArn,
      });
      // CloudWatch Logs sends a test message when the filter is made: it needs the role's permissions by then.
      filter.node.addDependency(role);
    }
  }
}
