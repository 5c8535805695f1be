import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** What a service assumes a role for, by the services that have a role here. */
const onBehalfOf = {
  // CDK's own roles of Firehose and AWS's of Lambda ("SageMakerForLambda" in the SageMaker AI Developer Guide) say both.
  firehose: { resource: 'deliverystream', resourceName: '*' },
  lambda: { resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  // CloudWatch Logs User Guide, "Subscription filters, confused deputy prevention"; of the account it says nothing.
  logs: { resource: '*' },
} as const;

/**
 * A service as one who may assume a role, but only for what this account and region have: nobody can make the service,
 * from an account of their own, use the role (IAM User Guide, "The confused deputy problem"). It cannot be said for which
 * stream, function or log group: each of them is made after its role, and has its name from CloudFormation.
 */
export function scopedServicePrincipal(scope: Construct, service: keyof typeof onBehalfOf): IPrincipal {
  const stack = Stack.of(scope);
  const arn = stack.formatArn({ service, ...onBehalfOf[service] });
  return new ServicePrincipal(`${service}.amazonaws.com`, {
    conditions: {
      ArnLike: { 'aws:SourceArn': arn },
      ...(service === 'logs' ? {} : { StringEquals: { 'aws:SourceAccount': stack.account } }),
    },
  });
}
