import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, CompositePrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';

/** The role in a sender's account that may assume ours: the sender makes it by this name. */
export const senderRoleName = 'flow-sentinel-sender';

export interface CrossAccountDeliveryRoleProps {
  readonly stream: IDeliveryStream;
  /** The accounts whose flow logs may send to the stream; at least one. */
  readonly accountIds: readonly string[];
}

/**
 * What other accounts need here to send their flow logs straight to the stream: the role that their flow logs name as
 * `DeliverCrossAccountRole` (VPC User Guide, "IAM roles for cross account delivery"). It writes nothing itself; with it,
 * log delivery makes sure of its service-linked role and of the stream's tag, and then writes with the former.
 *
 * Each account's role is told by `aws:PrincipalArn` and not as the principal itself, since IAM takes no principal that
 * does not exist yet.
 */
export class CrossAccountDeliveryRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { stream, accountIds }: CrossAccountDeliveryRoleProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const iamArn = (account: string, resourceName: string) =>
      stack.formatArn({ service: 'iam', region: '', account, resource: 'role', resourceName });
    const senders = accountIds.map((account) =>
      new AccountPrincipal(account).withConditions({
        ArnEquals: { 'aws:PrincipalArn': iamArn(account, senderRoleName) },
      }),
    );
    const role = new Role(this, 'Role', {
      roleName: nameOf(stack),
      description: 'Lets the flow logs of other accounts send to the delivery stream',
      assumedBy: new CompositePrincipal(...senders),
    });
    const logDeliveryRole = iamArn(
      stack.account,
      'aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery',
    );
    role.addToPolicy(new PolicyStatement({ actions: ['iam:CreateServiceLinkedRole'], resources: [logDeliveryRole] }));
    role.addToPolicy(
      new PolicyStatement({
        actions: ['firehose:TagDeliveryStream'],
        resources: [stream.deliveryStreamArn],
        // Without this tag nothing is delivered: a sender must not be able to take it away from all others.
        conditions: { StringEquals: { 'aws:RequestTag/LogDeliveryEnabled': 'true' } },
      }),
    );
    this.roleArn = role.roleArn;
  }
}

/**
 * The beginning is AWS's rule. Roles have no region and at most 64 characters, and stacks of several stages and regions
 * may be in one account: the region has up to 14 of what is left, and the stack's name goes in as 8 digits.
 */
function nameOf({ region, stackName }: Stack): string {
  const digits = createHash('sha256').update(stackName).digest('hex').slice(0, 8);
  return `AWSLogDeliveryFirehoseCrossAccountRole-${region}-${digits}`;
}
