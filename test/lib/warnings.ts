import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';

/**
 * Returns the texts of the warnings of a stack, in their order.
 *
 * @param id beginning of the ids of the warnings (default: all)
 */
export function warningsOf(stack: Stack, id = ''): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp(`\\[ack: ${id}`))
    .map(({ entry }) => String(entry.data).replace(/ \[ack:.*$/, ''));
}
