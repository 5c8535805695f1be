import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Returns the construct id for a logged resource: its own id or name. A resource of the same app has a token, which a
 * construct id cannot contain: then the id is the type and a hash of the reference. The id does not depend on other
 * resources, since CloudFormation replaces a resource whose id changes.
 */
export function constructIdOf(scope: Construct, type: string, idOrName: string): string {
  if (!Token.isUnresolved(idOrName)) return idOrName;
  const reference = JSON.stringify(Stack.of(scope).resolve(idOrName));
  return `${type}${createHash('sha256').update(reference).digest('hex').slice(0, 8)}`;
}
