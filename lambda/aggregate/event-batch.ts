import { createHash } from 'node:crypto';
import type { ContextEvent } from '../context/context-event.ts';
import { eventIdentity } from '../context/event-identity.ts';
import type { Batch } from '../counters/batch.ts';
import { dedupTokenLength } from '../counters/counter.ts';
import type { Scope } from '../flow-log/scope.ts';
import { tokenForms, versionedToken } from '../parse/batch-identity.ts';

/**
 * Returns the batch that an event is by itself. Its marker is stored as long as counters, so each identity counts once,
 * however late it is delivered again.
 *
 * @param arrival of the event, in epoch seconds: the same in each attempt to count the same delivery
 */
export function eventBatch(event: ContextEvent, arrival: number, scope: Scope | undefined): Batch {
  const digest = createHash('sha256').update(eventIdentity(event)).digest('base64url');
  return {
    dedupToken: versionedToken(tokenForms[0].version, digest.slice(0, dedupTokenLength)),
    check: digest.slice(dedupTokenLength, 2 * dedupTokenLength),
    arrival,
    ...(scope && { scope }),
  };
}
