import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, CompositePrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { FlowError } from '../../lambda/common/errors.ts';

/** The name of the role in a sender's account that may assume this stack's role. The sender creates it. */
export const senderRoleName = 'flow-sentinel-sender';

export interface CrossAccountDeliveryRoleProps {
  readonly stream: IDeliveryStream;
  /** The accounts whose flow logs may send to the stream. At least one. */
  readonly accountIds: readonly string[];
}

/**
 * The role with which flow logs of other accounts send directly to the stream: their `DeliverCrossAccountRole`.
 * Source: VPC User Guide, "IAM roles for cross account delivery". Log delivery uses the role to
 * create its service-linked role and to tag the stream. It then writes records with the service-linked role.
 *
 * A condition on `aws:PrincipalArn` names the senders' roles, since IAM rejects a principal that does not exist yet. The
 * trust policy does not allow sts:TagSession, so a sender cannot set tags of its session.
 *
 * @throws FlowError `CONFIG_INVALID` if the trust policy would be too long for IAM
 */
export class CrossAccountDeliveryRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { stream, accountIds }: CrossAccountDeliveryRoleProps) {
    super(scope, id);
    checkTrustLength(accountIds);
    const stack = Stack.of(this);
    const iamArn = (account: string, resourceName: string) =>
      stack.formatArn({ service: 'iam', region: '', account, resource: 'role', resourceName });
    // With the same conditions, CDK makes one statement of all accounts, which is half as long. An account cannot have the
    // role ARN of another one.
    const roleArns = accountIds.map((account) => iamArn(account, senderRoleName));
    const senders = accountIds.map((account) =>
      new AccountPrincipal(account).withConditions({ ArnEquals: { 'aws:PrincipalArn': roleArns } }),
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
        conditions: {
          // Without this tag nothing is delivered: one sender must not be able to change it for all.
          StringEquals: { 'aws:RequestTag/LogDeliveryEnabled': 'true' },
          // A further tag in the request could give or take access where policies or budgets use tags.
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['LogDeliveryEnabled'] },
        },
      }),
    );
    this.roleArn = role.roleArn;
  }
}

/** Characters of a trust policy (IAM User Guide, "IAM and AWS STS quotas", role trust policy length). */
const maxTrustLength = 2048;

/** Characters of the trust policy without accounts, and of each account in it: two ARNs of the partition `aws`, quoted. */
const [statementLength, accountLength] = [154, 33 + 54];

function checkTrustLength(accountIds: readonly string[]): void {
  const length = statementLength + accountIds.length * accountLength;
  if (length <= maxTrustLength) return;
  const maxAccounts = Math.floor((maxTrustLength - statementLength) / accountLength);
  throw new FlowError(
    'CONFIG_INVALID',
    `senderAccountIds is invalid: got ${accountIds.length} accounts, expected at most ${maxAccounts}, since IAM limits ` +
      `the trust policy of a role to ${maxTrustLength} characters; use another stage for the other accounts`,
  );
}

/**
 * Returns the name of the role. AWS requires the prefix and IAM at most 64 characters. Region and stack must be in the
 * name, since an account may have stacks of several stages and regions; 8 hash digits stand for the stack's name.
 */
function nameOf({ region, stackName }: Stack): string {
  const digits = createHash('sha256').update(stackName).digest('hex').slice(0, 8);
  return `AWSLogDeliveryFirehoseCrossAccountRole-${region}-${digits}`;
}
