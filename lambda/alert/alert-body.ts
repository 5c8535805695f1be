import { evidenceOf } from '../aggregate/evidence.ts';
import type { Quantity } from '../common/quantity.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import type { Origin } from '../decode/firehose-event.ts';
import { type Finding, levelOf } from '../evaluate/finding.ts';
import { notAvailable } from '../flow-log/fields.ts';
import type { KeyScope } from '../flow-log/scope.ts';
import type { Network } from '../networks/ip-address.ts';
import type { Level } from '../rules/level.ts';
import type { AddressSources } from './address-sources.ts';
import { type AroundBody, aroundBody } from './around-text.ts';
import { type DistinctValues, distinctFieldsOf, distinctValuesOf } from './distinct-values.ts';
import { type EventBody, eventBody, eventsOf } from './event-text.ts';
import { headline } from './headline.ts';
import { certainNames, type EndpointNames, endpointNames, type ListLookup } from './known-names.ts';
import { type DetectionFinding, detectionFinding } from './ocsf/detection-finding.ts';
import { eventEvidences } from './ocsf/event-evidences.ts';
import { type Step, stepsOf } from './steps.ts';

/** The origin of a batch, and the networks that alerts name. */
export interface Context extends Origin, AddressSources {
  readonly lookupLists?: ListLookup;
  /** The networks whose sources come first in a digest (default: none). */
  readonly insideNetworks?: readonly Network[];
}

/**
 * The JSON of an alert, version 1: an OCSF Detection Finding (snake case, epoch milliseconds) with our own fields (camel
 * case, epoch seconds). docs/alerts/alert.schema.json is the schema of both. Fields may be added to a version; no field
 * changes its meaning or is removed.
 */
export interface AlertBody extends DetectionFinding {
  readonly version: 1;
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly description: string;
  readonly level: string;
  /** The Sigma rule's status; alerts of an experimental rule go to the log only. */
  readonly ruleStatus: string;
  readonly key: Record<string, string>;
  /** The account, and the VPC, that the key's flows were counted for; undefined unless a setting keeps them apart. */
  readonly scope?: KeyScope;
  readonly measure: { readonly type: string; readonly field?: string; readonly percentile?: number };
  /** The steps of a temporal rule, and whether each occurred. */
  readonly steps?: readonly Step[];
  readonly value: Quantity;
  /** Whether the true value may be higher: see evaluate/window-value.ts. */
  readonly valueIsLowerBound: boolean;
  /** The distinct values in the window, for a rule that counts these. */
  readonly distinct?: DistinctValues;
  readonly comparison: 'gt' | 'gte';
  readonly threshold: number;
  readonly multiple: number;
  /** The number of batches in which the previous alert suppressed findings: at least. */
  readonly suppressed: number;
  /** Whether this is a resolution notice. */
  readonly ended: boolean;
  readonly timespan: number;
  readonly window: { readonly from: number; readonly to: number };
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Seconds from the end of the batch's last flow to the arrival of the batch or to its flush; undefined if unknown. */
  readonly late?: number;
  readonly totals?: { readonly bytes: Quantity; readonly rejects: number };
  readonly evidence: { readonly flows: number; readonly more: string[]; readonly [field: string]: unknown };
  /** The events of this batch that the rule counted, at most eight; undefined for flows. */
  readonly events?: readonly EventBody[];
  readonly names: EndpointNames;
  /** What happened around the hosts; undefined without a table of context events. */
  readonly around?: AroundBody;
  /** The history of an update; undefined for any other message. */
  readonly update?: UpdateBody;
  /** The number of the batch's pairs that are counted together under this overflow key, in a flood. */
  readonly collapsedPairs?: number;
  readonly digest?: Digest;
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  readonly account?: string;
  readonly region?: string;
  readonly vpc?: string;
}

/** The part of an update's JSON body that an alert does not have. Times are epoch seconds. */
export interface UpdateBody {
  /** 1 for the first update of the alert. */
  readonly number: number;
  /** The id of the alert's first message. */
  readonly alert: string;
  /** The alert and its updates, the present one last. */
  readonly history: readonly {
    readonly time: number;
    readonly id: string;
    readonly level: Level;
    readonly text: string;
  }[];
}

/** Many alerts of one rule in one message. */
export interface Digest {
  readonly alerts: number;
  /** The first alerts, the most telling first: see digest-order.ts. */
  readonly keys: readonly DigestKey[];
  /** The number of alerts that `keys` does not have. */
  readonly unlisted: number;
  /** The command that lists all live alerts of the rule; undefined for resolution notices. */
  readonly listCommand?: string;
}

/** One alert of a digest. */
export interface DigestKey {
  readonly id: string;
  readonly key: Record<string, string>;
  readonly scope?: KeyScope;
  /** Short names of the key's addresses, or regions of outside ones, as far as they are known. */
  readonly names?: Readonly<Record<string, string>>;
  readonly value: Quantity;
}

const maxEvents = 8;

/** Returns the JSON body of a finding's alert. */
export function alertBody(finding: Finding, context: Context): AlertBody {
  const { lookupLists, insideNetworks, names, regions, tagKeys, dns, ...origin } = context;
  const { rule, record, delta, counter } = finding;
  const { correlation } = rule;
  const evidence = evidenceOf(rule, delta.evidence);
  const events = eventsOf(rule, delta);
  const sources = { names, regions, tagKeys, dns };
  const firstValue = (field: string) => evidence?.values.get(field)?.[0];
  const { scope } = delta.key;
  const account = availableIn(scope?.['account-id']) ?? firstValue('account-id') ?? origin.account;
  const region = firstValue('region') ?? origin.region;
  const vpc = availableIn(scope?.['vpc-id']) ?? firstValue('vpc-id');
  const key = keyOf(rule, delta);
  const steps = stepsOf(finding);
  const distinct = distinctValuesOf(rule, record, counter);
  return {
    version: 1,
    id: record.id,
    rule: rule.name,
    title: rule.title,
    description: rule.description,
    level: levelOf(finding),
    ruleStatus: rule.status,
    key,
    ...(scope && { scope }),
    measure: {
      type: correlation.type,
      ...('field' in correlation && { field: correlation.field }),
      ...('percentile' in correlation && { percentile: correlation.percentile }),
    },
    ...(steps && { steps }),
    value: record.value,
    valueIsLowerBound: record.isLowerBound,
    ...(distinct && { distinct }),
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
    ...(events.length > 0 && { events: events.slice(0, maxEvents).map(eventBody) }),
    names: endpointNames({ key, evidence, window: record, insideNetworks }, lookupLists, sources),
    ...(finding.around && { around: aroundBody(finding.around) }),
    ...(delta.overflowPairs > 0 && { collapsedPairs: delta.overflowPairs }),
    techniques: rule.techniques,
    references: rule.references,
    falsepositives: rule.falsepositives,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    ...(vpc !== undefined && { vpc }),
    ...detectionFinding(
      finding,
      headline(finding),
      evidence,
      { account, region, vpc },
      distinct && distinctFieldsOf(distinct),
      certainNames(sources, evidence, record),
      eventEvidences(events),
    ),
  };
}

function availableIn(value: string | undefined): string | undefined {
  return value === notAvailable ? undefined : value;
}
