import { productVersion } from '../../common/product-version.ts';
import type { Quantity } from '../../common/quantity.ts';
import { type AlertRecord, latestFirst, resolutionMultiple } from '../../counters/alert-record.ts';
import { keyOf } from '../../counters/delta.ts';
import { type Finding, levelOf } from '../../evaluate/finding.ts';
import type { Evidence } from '../../flow-log/evidence.ts';
import type { Rule } from '../../rules/model.ts';
import { type Tactic, tacticOf } from './attack-tactics.ts';
import {
  type DistinctFields,
  type FindAddress,
  type FindingEvidence,
  findingEvidences,
  isId,
  type Observable,
  observablesOf,
  type User,
} from './evidences.ts';
import { dataSourcesOf, logNameOf } from './log-sources.ts';
import { type Enrichment, type RelatedEvent, raiseEnrichment, relatedEvents } from './related-events.ts';
import { severities } from './severities.ts';

/** The version of OCSF, the Open Cybersecurity Schema Framework, of the alerts. */
const ocsfVersion = '1.8.0';

/**
 * The attributes of OCSF's Detection Finding (schema.ocsf.io, category Findings), with its Cloud profile, that we know.
 * Times are epoch milliseconds. `type_uid` is 100 times the class plus the activity.
 */
export interface DetectionFinding {
  readonly activity_id: 1 | 2 | 3;
  readonly activity_name: 'Create' | 'Update' | 'Close';
  readonly category_uid: 2;
  readonly category_name: 'Findings';
  readonly class_uid: 2004;
  readonly class_name: 'Detection Finding';
  readonly type_uid: number;
  readonly type_name: string;
  readonly severity_id: 1 | 2 | 3 | 4 | 5;
  readonly severity: string;
  readonly status_id: 1 | 99;
  readonly status: 'New' | 'Ended';
  readonly is_alert: boolean;
  readonly time: number;
  /** Minutes: all times are UTC. */
  readonly timezone_offset: 0;
  readonly start_time: number;
  readonly end_time: number;
  readonly message: string;
  /** The number of flow records in the window, for rules that count records. */
  readonly count?: Quantity;
  readonly metadata: {
    readonly version: typeof ocsfVersion;
    readonly uid: string;
    readonly product: { readonly name: string; readonly vendor_name: string; readonly version: string };
    readonly profiles: readonly ['cloud'];
    readonly log_name: string;
    readonly log_provider: string;
    readonly logged_time: number;
  };
  readonly finding_info: {
    readonly uid: string;
    readonly title: string;
    readonly desc?: string;
    readonly types?: readonly string[];
    readonly created_time: number;
    readonly modified_time?: number;
    readonly first_seen_time: number;
    readonly last_seen_time: number;
    readonly data_sources: readonly string[];
    readonly analytic: {
      readonly name: string;
      readonly uid: string;
      readonly type_id: 1;
      readonly type: 'Rule';
      readonly algorithm: string;
      readonly state_id: 1 | 3;
      readonly state: 'Active' | 'Experimental';
    };
    readonly attacks?: readonly Attack[];
    /** What happened around the hosts; undefined without context events. */
    readonly related_events?: readonly RelatedEvent[];
    readonly related_events_count?: number;
  };
  readonly evidences: readonly FindingEvidence[];
  readonly observables: readonly Observable[];
  readonly cloud: {
    readonly provider: 'AWS';
    readonly account?: { readonly uid: string; readonly type_id: 10; readonly type: 'AWS Account' };
    readonly region?: string;
  };
  readonly resources: readonly Resource[];
  readonly remediation?: { readonly desc: string };
  readonly enrichments?: readonly Enrichment[];
}

interface Attack {
  readonly technique?: { readonly uid: string };
  readonly sub_technique?: { readonly uid: string };
  readonly tactic?: Tactic;
}

interface Resource {
  readonly uid: string;
  readonly type: string;
  readonly role_id: 4;
  readonly role: 'Related';
  readonly region?: string;
  readonly name?: string;
  readonly owner?: User;
}

/** The origin of a finding's flows, as far as it is known; the evidence may name further VPCs. */
interface Origins {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly vpc: string | undefined;
}

/**
 * Returns a finding as an OCSF Detection Finding.
 *
 * @param message the headline
 * @param evidence the batch's flows of the rule; undefined without flows
 * @param distinct the distinct values in the window, for a rule that counts these
 * @param find who has an address, and where the address leads (default: unknown)
 * @param ofEvents the evidences of events, which come first (default: none)
 */
export function detectionFinding(
  finding: Finding,
  message: string,
  evidence: Evidence | undefined,
  { account, region, vpc }: Origins,
  distinct?: readonly DistinctFields[],
  find?: FindAddress,
  ofEvents: readonly FindingEvidence[] = [],
): DetectionFinding {
  const { rule, record, delta, around } = finding;
  const [severity_id, severity] = severities[levelOf(finding)];
  const opening = openingOf(finding);
  const isResolution = record.multiple === resolutionMultiple;
  const [activity_id, activity_name] = isResolution
    ? ([3, 'Close'] as const)
    : opening === record
      ? ([1, 'Create'] as const)
      : ([2, 'Update'] as const);
  const ofFlows = findingEvidences(evidence, keyOf(rule, delta), rule.sources ? [] : distinct, find);
  const evidences = ofEvents.length > 0 && !evidence ? ofEvents : [...ofEvents, ...ofFlows];
  const knownRegion = region !== undefined && isId(region) ? region : undefined;
  const resources = resourcesOf(evidence, vpc, knownRegion).map((one) => namedResource(one, evidences));
  return {
    activity_id,
    activity_name,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200_400 + activity_id,
    type_name: `Detection Finding: ${activity_name}`,
    severity_id,
    severity,
    // Not Resolved: the end of the traffic does not show that somebody has handled the alert.
    ...(isResolution ? ({ status_id: 99, status: 'Ended' } as const) : ({ status_id: 1, status: 'New' } as const)),
    is_alert: !isResolution && rule.status !== 'experimental',
    time: timeOf(record),
    timezone_offset: 0,
    start_time: record.from * 1000,
    end_time: record.to * 1000,
    message,
    ...(rule.correlation.type === 'event_count' && !isResolution && { count: record.value }),
    metadata: {
      version: ocsfVersion,
      uid: record.id,
      product: { name: 'flow-sentinel', vendor_name: 'flow-sentinel', version: productVersion },
      profiles: ['cloud'],
      log_name: logNameOf(rule),
      log_provider: 'AWS',
      logged_time: timeOf(record),
    },
    finding_info: infoOf(finding, opening),
    evidences,
    observables: observablesOf(evidences, resources),
    cloud: {
      provider: 'AWS',
      ...(account !== undefined && isId(account) && { account: { uid: account, type_id: 10, type: 'AWS Account' } }),
      ...(knownRegion !== undefined && { region: knownRegion }),
    },
    resources,
    ...(rule.next.length > 0 && { remediation: { desc: rule.next.join('\n') } }),
    ...(around?.raise && { enrichments: [raiseEnrichment(around.raise)] }),
  };
}

/**
 * Returns the record of the alert that opened the OCSF finding: the key's earlier alert of a smaller multiple that was
 * live at this one, and so on backwards. Returns the finding's own record if it is the first.
 */
export function openingOf({ rule, record, counter }: Finding): AlertRecord {
  const earlier = latestFirst(
    counter.alertRecords.filter((other) => other.rule === rule.name && other.id !== record.id),
  );
  let opening = record;
  for (const alert of earlier) {
    const isLive = opening.to < alert.to + alert.suppressSeconds && alert.multiple < opening.multiple;
    if (opening.multiple === resolutionMultiple || isLive) opening = alert;
  }
  return opening;
}

/** Returns the time of an alert in milliseconds: the arrival of its batch. */
function timeOf({ arrival, to }: AlertRecord): number {
  return (arrival || to) * 1000;
}

function infoOf({ rule, record, counter, around }: Finding, opening: AlertRecord): DetectionFinding['finding_info'] {
  const attacks = attacksOf(rule);
  const isExperimental = rule.status === 'experimental';
  return {
    uid: opening.id,
    title: rule.title,
    ...(rule.description !== '' && { desc: rule.description }),
    ...(rule.tactics.length > 0 && { types: rule.tactics.map((tag) => tacticOf(tag).name) }),
    created_time: timeOf(opening),
    ...(opening !== record && { modified_time: timeOf(record) }),
    first_seen_time: Math.max(counter.firstSeen, opening.from) * 1000,
    last_seen_time: Math.min(counter.lastSeen, record.to) * 1000,
    data_sources: dataSourcesOf(rule),
    analytic: {
      name: rule.name,
      uid: rule.name,
      type_id: 1,
      type: 'Rule',
      algorithm: `Sigma correlation: ${rule.correlation.type}`,
      ...(isExperimental
        ? ({ state_id: 3, state: 'Experimental' } as const)
        : ({ state_id: 1, state: 'Active' } as const)),
    },
    ...(attacks.length > 0 && { attacks }),
    ...(around && { related_events: relatedEvents(around.notes), related_events_count: around.notes.length }),
  };
}

/** Returns a rule's techniques with its only tactic. The tags do not assign techniques to several tactics. */
function attacksOf({ techniques, tactics }: Rule): Attack[] {
  const [only, ...others] = tactics.map(tacticOf);
  const shared = only && others.length === 0 && techniques.length > 0 ? { tactic: only } : {};
  const unassigned = 'tactic' in shared || !only ? [] : [only, ...others];
  return [
    ...techniques.map((technique): Attack => {
      const [uid] = technique.split('.');
      const sub = technique.includes('.') ? { sub_technique: { uid: technique } } : {};
      return { technique: { uid: uid! }, ...sub, ...shared };
    }),
    ...unassigned.map((tactic) => ({ tactic })),
  ];
}

/** AWS's types of the resources that log flows (CloudFormation, "AWS resource and property types"). */
const resourceTypes = {
  'instance-id': 'AWS::EC2::Instance',
  'interface-id': 'AWS::EC2::NetworkInterface',
  'subnet-id': 'AWS::EC2::Subnet',
  'vpc-id': 'AWS::EC2::VPC',
};

function resourcesOf(evidence: Evidence | undefined, vpc: string | undefined, region: string | undefined): Resource[] {
  return Object.entries(resourceTypes).flatMap(([field, type]) =>
    (evidence?.values.get(field) ?? (field === 'vpc-id' && vpc !== undefined ? [vpc] : []))
      .filter(isId)
      .map((uid) => ({ uid, type, role_id: 4, role: 'Related', ...(region !== undefined && { region }) })),
  );
}

/** Returns a resource with the name and the owner of its endpoint. */
function namedResource(resource: Resource, evidences: readonly FindingEvidence[]): Resource {
  const endpoint = evidences
    .flatMap(({ src_endpoint, dst_endpoint }) => [src_endpoint, dst_endpoint])
    .find((one) => one && [one.instance_uid, one.interface_uid].includes(resource.uid));
  if (!endpoint) return resource;
  const { name, owner } = endpoint;
  return { ...resource, ...(name !== undefined && { name }), ...(owner && { owner }) };
}
