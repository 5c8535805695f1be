import { evidenceOf } from '../aggregate/evidence.ts';
import type { Quantity } from '../common/quantity.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import type { Origin } from '../decode/firehose-event.ts';
import type { Finding } from '../evaluate/finding.ts';
import { headline } from './headline.ts';
import { type EndpointNames, endpointNames, type ListLookup } from './known-names.ts';
import { type DetectionFinding, detectionFinding } from './ocsf/detection-finding.ts';
import { type Step, stepsOf } from './steps.ts';

/** Where a batch came from, and how the addresses in it are known. */
export interface Context extends Origin {
  readonly lookupLists?: ListLookup;
}

/**
 * What machines get of an alert, version 1: a Detection Finding of OCSF, whose attributes are in snake case and whose
 * times are milliseconds, and beside its attributes our own, which say what it has no words for; their times are epoch
 * seconds. docs/alerts/alert.schema.json is the schema of both. Fields may be added to a version; none changes its meaning or
 * goes away.
 */
export interface AlertBody extends DetectionFinding {
  readonly version: 1;
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly description: string;
  readonly level: string;
  /** The Sigma rule's status; an experimental rule's alerts are in the log only. */
  readonly ruleStatus: string;
  readonly key: Record<string, string>;
  readonly measure: { readonly type: string; readonly field?: string; readonly percentile?: number };
  /** Of a temporal rule: what it asks for, and whether it was there. */
  readonly steps?: readonly Step[];
  readonly value: Quantity;
  /** Whether the value is a bound: see evaluate/window-value.ts. */
  readonly valueIsLowerBound: boolean;
  readonly comparison: 'gt' | 'gte';
  readonly threshold: number;
  readonly multiple: number;
  /** In how many batches the alert before held back what would have been one, at least. */
  readonly suppressed: number;
  /** Whether this is the note that what was alerted has ended. */
  readonly ended: boolean;
  readonly timespan: number;
  readonly window: { readonly from: number; readonly to: number };
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Seconds from the end of the batch's last flow to the batch's arrival; undefined where that is not known. */
  readonly late?: number;
  readonly totals?: { readonly bytes: Quantity; readonly rejects: number };
  readonly evidence: { readonly flows: number; readonly more: string[]; readonly [field: string]: unknown };
  readonly names: EndpointNames;
  /** How many pairs of the batch were counted together under this key, in a flood. */
  readonly collapsedPairs?: number;
  /** In a storm: how many alerts of the rule this one stands for, and the fullest of them. */
  readonly digest?: { readonly alerts: number; readonly keys: readonly DigestKey[] };
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  readonly account?: string;
  readonly region?: string;
  readonly vpc?: string;
}

/** One of the alerts that a digest stands for. */
export interface DigestKey {
  readonly id: string;
  readonly key: Record<string, string>;
  readonly value: Quantity;
}

/** The body of the alert that a finding calls for. */
export function alertBody(finding: Finding, { lookupLists, ...origin }: Context): AlertBody {
  const { rule, record, delta, counter } = finding;
  const { correlation } = rule;
  const evidence = evidenceOf(rule, delta.evidence);
  const one = (field: string) => evidence?.values.get(field)?.[0];
  const account = one('account-id') ?? origin.account;
  const region = one('region') ?? origin.region;
  const vpc = one('vpc-id');
  const key = keyOf(rule, delta);
  const steps = stepsOf(finding);
  return {
    version: 1,
    id: record.id,
    rule: rule.name,
    title: rule.title,
    description: rule.description,
    level: rule.level,
    ruleStatus: rule.status,
    key,
    measure: {
      type: correlation.type,
      ...('field' in correlation && { field: correlation.field }),
      ...('percentile' in correlation && { percentile: correlation.percentile }),
    },
    ...(steps && { steps }),
    value: record.value,
    valueIsLowerBound: record.isLowerBound,
    comparison: rule.comparison,
    threshold: rule.threshold,
    multiple: record.multiple,
    suppressed: record.previousSuppressedCount,
    ended: record.multiple === resolutionMultiple,
    timespan: rule.timespanSeconds,
    window: { from: record.from, to: record.to },
    firstSeen: counter.firstSeen,
    lastSeen: counter.lastSeen,
    ...(record.arrival > 0 && { late: Math.max(0, record.arrival - delta.lastSeen) }),
    ...(delta.totals && { totals: { bytes: counter.bytes, rejects: counter.rejects } }),
    evidence: {
      flows: evidence?.flows ?? 0,
      more: [...(evidence?.truncatedFields ?? [])],
      ...Object.fromEntries(evidence?.values ?? []),
    },
    names: endpointNames(key, evidence, lookupLists),
    ...(delta.overflowPairs > 0 && { collapsedPairs: delta.overflowPairs }),
    techniques: rule.techniques,
    references: rule.references,
    falsepositives: rule.falsepositives,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    ...(vpc !== undefined && { vpc }),
    ...detectionFinding(finding, headline(finding), evidence, { account, region }),
  };
}
