import type { Rule } from '../sigma/compiled.ts';
import type { KeyDelta } from './delta-builder.ts';
import { evidenceOf } from './evidence.ts';
import type { Finding } from './judge.ts';
import type { Quantity } from './quantity.ts';

/** Where a batch came from. */
export interface Origin {
  /** The delivery stream's account, as twelve digits; undefined where its ARN is no such. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/**
 * What machines get of an alert, version 1; docs/alert.schema.json is its schema. Times are epoch seconds. Fields may be
 * added to a version; none changes its meaning or goes away.
 */
export interface AlertBody {
  readonly version: 1;
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly description: string;
  readonly level: string;
  readonly key: Record<string, string>;
  readonly measure: { readonly type: string; readonly field?: string };
  readonly value: Quantity;
  /** Whether the value is a bound: see core/verdict.ts. */
  readonly valueIsLowerBound: boolean;
  readonly comparison: 'gt' | 'gte';
  readonly threshold: number;
  readonly multiple: number;
  readonly timespan: number;
  readonly window: { readonly from: number; readonly to: number };
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly totals?: { readonly bytes: Quantity; readonly rejects: number };
  readonly evidence: { readonly flows: number; readonly more: string[]; readonly [field: string]: unknown };
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
export function alertBody({ rule, claim, delta, counter }: Finding, origin: Origin): AlertBody {
  const { correlation } = rule;
  const evidence = evidenceOf(rule, delta.evidence);
  const one = (field: string) => evidence?.values.get(field)?.[0];
  const account = one('account-id') ?? origin.account;
  const region = one('region') ?? origin.region;
  const vpc = one('vpc-id');
  return {
    version: 1,
    id: claim.id,
    rule: rule.name,
    title: rule.title,
    description: rule.description,
    level: rule.level,
    key: keyOf(rule, delta),
    measure: { type: correlation.type, ...('field' in correlation && { field: correlation.field }) },
    value: claim.value,
    valueIsLowerBound: claim.isBound,
    comparison: rule.comparison,
    threshold: rule.threshold,
    multiple: claim.multiple,
    timespan: rule.timespanSeconds,
    window: { from: claim.from, to: claim.to },
    firstSeen: counter.firstSeen,
    lastSeen: counter.lastSeen,
    ...(delta.totals && { totals: { bytes: counter.bytes, rejects: counter.rejects } }),
    evidence: {
      flows: evidence?.flows ?? 0,
      more: [...(evidence?.more ?? [])],
      ...Object.fromEntries(evidence?.values ?? []),
    },
    ...(delta.collapsedPairs > 0 && { collapsedPairs: delta.collapsedPairs }),
    techniques: rule.techniques,
    references: rule.references,
    falsepositives: rule.falsepositives,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    ...(vpc !== undefined && { vpc }),
  };
}

/** A message may have 256 KiB (SNS, "Quotas"), so no value of a key may be long. */
const maxKeyValueLength = 256;

/** The group-by fields and their values, in the rule's own order, each value cut after 256 characters. */
export function keyOf(rule: Rule, delta: KeyDelta): Record<string, string> {
  return Object.fromEntries(
    rule.groupBy.map((name) => [name, delta.key.fields.get(name)!.slice(0, maxKeyValueLength)]),
  );
}
