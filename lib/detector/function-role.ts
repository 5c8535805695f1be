import { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { scopedServicePrincipal } from '../security/scoped-service-principal.ts';

/**
 * Creates the log group of a function, and a role that may write to that log group only. The role that CDK creates by
 * default may write to every log group of the account.
 */
export function functionRole(
  scope: Construct,
  encryptionKey: CustomerManagedKey | undefined,
): { readonly role: IRole; readonly logGroup: ILogGroup } {
  const logGroup = new LogGroup(scope, 'Log', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey: encryptionKey.key }),
  });
  const role = new Role(scope, 'Role', { assumedBy: scopedServicePrincipal(scope, 'lambda') });
  logGroup.grantWrite(role);
  return { role: role as IRole, logGroup: logGroup as ILogGroup };
}
