import type { Raise } from '../../context/raise-level.ts';
import type { Note } from '../../context/relate.ts';
import { severities } from './severities.ts';

/** OCSF's Related Event: a finding, an API call or another alert around the hosts of an alert. Times are epoch milliseconds. */
export interface RelatedEvent {
  readonly uid: string;
  readonly type: 'GuardDuty Finding' | 'AWS API Call via CloudTrail' | 'Detection Finding';
  readonly title: string;
  readonly last_seen_time: number;
  readonly severity_id?: number;
  readonly severity?: string;
  readonly product: { readonly name: string; readonly vendor_name: string };
}

/** OCSF's Enrichment: a value of the alert that other data changed. */
export interface Enrichment {
  readonly name: 'severity';
  readonly value: string;
  readonly type: 'context';
  readonly desc: string;
  readonly data: { readonly from: string; readonly to: string; readonly evidence: string };
}

const types = {
  finding: 'GuardDuty Finding',
  change: 'AWS API Call via CloudTrail',
  alert: 'Detection Finding',
} as const;
const products = {
  finding: { name: 'GuardDuty', vendor_name: 'AWS' },
  change: { name: 'CloudTrail', vendor_name: 'AWS' },
  alert: { name: 'flow-sentinel', vendor_name: 'flow-sentinel' },
};

/** The most related events in an alert. */
const maxEvents = 16;

/** Returns notes as OCSF's related events. */
export function relatedEvents(notes: readonly Pick<Note, 'kind' | 'id' | 'text' | 'time' | 'level'>[]): RelatedEvent[] {
  return notes.slice(0, maxEvents).map(({ kind, id, text, time, level }) => ({
    uid: id,
    type: types[kind],
    title: text,
    last_seen_time: time * 1000,
    ...(level !== undefined && { severity_id: severities[level][0], severity: severities[level][1] }),
    product: products[kind],
  }));
}

/** Returns the raise of a level as OCSF's enrichment. */
export function raiseEnrichment({ from, to, reason, evidence }: Raise): Enrichment {
  return { name: 'severity', value: severities[to][1], type: 'context', desc: reason, data: { from, to, evidence } };
}
