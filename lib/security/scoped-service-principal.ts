import { Stack } from 'aws-cdk-lib';
import { type IPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** The resources on whose behalf a service assumes a role, by service; undefined if the service may not name them. */
const sourceArns = {
  // CDK's roles for Firehose have both conditions, source ARN and source account.
  firehose: { resource: 'deliverystream', resourceName: '*' },
  // AWS does not document that Lambda sends the ARN. AWS ParallelCluster removed this condition, since the creation of a
  // function failed with it in a new VPC (aws/aws-parallelcluster, pull request 6926). The account is enough: only
  // principals of this account may pass the role to a function.
  lambda: undefined,
  // CloudWatch Logs User Guide, "Subscription filters, confused deputy prevention": without the source account.
  logs: { resource: '*' },
} as const;

/**
 * Returns a service as principal of a role, limited to this account, and to the service's resources in this region if the
 * service names them. No other account can make the service use the role (IAM User Guide, "The confused deputy problem").
 * The condition cannot name the stream or log group, since CloudFormation creates that resource after its role.
 */
export function scopedServicePrincipal(scope: Construct, service: keyof typeof sourceArns): IPrincipal {
  const stack = Stack.of(scope);
  const source = sourceArns[service];
  return new ServicePrincipal(`${service}.amazonaws.com`, {
    conditions: {
      ...(source && { ArnLike: { 'aws:SourceArn': stack.formatArn({ service, ...source }) } }),
      ...(service !== 'logs' && { StringEquals: { 'aws:SourceAccount': stack.account } }),
    },
  });
}
