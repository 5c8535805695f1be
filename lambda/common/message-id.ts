import { createHash } from 'node:crypto';

/** Returns an id of 32 hexadecimal digits: the same for the same identity, in every process. @param identity JSON values */
export function messageId(identity: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
