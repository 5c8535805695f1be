import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** The resources on whose behalf a service assumes a role, by service. */
const sourceArns = {
  // CDK's roles for Firehose and AWS's for Lambda ("SageMakerForLambda" in the SageMaker AI Developer Guide) have both
  // conditions, source ARN and source account.
  firehose: { resource: 'deliverystream', resourceName: '*' },
  lambda: { resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  // CloudWatch Logs User Guide, "Subscription filters, confused deputy prevention": without the source account.
  logs: { resource: '*' },
} as const;

/**
 * Returns a service as principal of a role, limited to resources of this account and region. No other account can make
 * the service use the role (IAM User Guide, "The confused deputy problem"). The condition cannot name the stream, function
 * or log group, since CloudFormation creates and names that resource after its role.
 */
export function scopedServicePrincipal(scope: Construct, service: keyof typeof sourceArns): IPrincipal {
  const stack = Stack.of(scope);
  const arn = stack.formatArn({ service, ...sourceArns[service] });
  return new ServicePrincipal(`${service}.amazonaws.com`, {
    conditions: {
      ArnLike: { 'aws:SourceArn': arn },
      ...(service === 'logs' ? {} : { StringEquals: { 'aws:SourceAccount': stack.account } }),
    },
  });
}
