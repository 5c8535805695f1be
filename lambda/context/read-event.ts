import { type Json, memberOf } from '../common/json-value.ts';
import { awsMember } from './aws-json.ts';
import type { ContextEvent } from './context-event.ts';
import { readChange } from './read-change.ts';
import { readFinding } from './read-finding.ts';

/** Why an event is no context. `another source`: AWS did not send it, so anyone may have. */
export type Ignored =
  | 'another event'
  | 'another source'
  | 'sample finding'
  | 'not a network change'
  | 'failed'
  | 'read only';

/** What an event reads as. */
export type ReadEvent = { readonly event: ContextEvent } | { readonly ignored: Ignored } | { readonly problem: string };

export interface ReadOptions {
  /** Whether sample findings count. */
  readonly samples?: boolean;
}

/**
 * Reads a finding or an API call: an EventBridge event (EventBridge User Guide, "Events"), a finding, or a record of
 * CloudTrail. Only AWS may send events whose `source` begins with `aws.`, so another source with the same detail-type is
 * ignored. Never throws.
 */
export function readContextEvent(value: Json, options: ReadOptions = {}): ReadEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'it is not an object' };
  const detailType = memberOf(value, 'detail-type');
  const source = memberOf(value, 'source');
  const detail = memberOf(value, 'detail');
  if (detailType === 'GuardDuty Finding') {
    return source === 'aws.guardduty' ? findingOf(detail, options) : { ignored: 'another source' };
  }
  if (detailType === 'AWS API Call via CloudTrail') {
    return typeof source === 'string' && source.startsWith('aws.') ? changeOf(detail) : { ignored: 'another source' };
  }
  if (detailType !== undefined) return { ignored: 'another event' };
  // A test event, as people write it for a function: without a detail-type, and its detail without what the event says.
  if (source === undefined && memberOf(detail, 'severity') !== undefined) {
    const [accountId, region] = [memberOf(value, 'account'), memberOf(value, 'region')];
    return findingOf({ ...{ accountId, region }, ...(detail as object) }, options);
  }
  if (memberOf(value, 'eventSource') !== undefined) return changeOf(value);
  const isFinding = ['findings', 'severity'].some((name) => awsMember(value, name) !== undefined);
  return isFinding ? findingOf(value, options) : { ignored: 'another event' };
}

function findingOf(detail: Json, { samples = false }: ReadOptions): ReadEvent {
  const read = readFinding(detail);
  if ('problem' in read) return read;
  return read.isSample && !samples ? { ignored: 'sample finding' } : { event: read.finding };
}

function changeOf(record: Json): ReadEvent {
  const read = readChange(record);
  return 'change' in read ? { event: read.change } : read;
}
