import { z } from 'zod';
import { endOfDay } from '../../lambda/common/calendar.ts';
import { type EventSource, eventSources } from '../../lambda/rules/event-source.ts';

const dateText = 'expected a date such as 2026-11-24';
const day = z.string(dateText).refine((text) => endOfDay(text) !== undefined, dateText);
const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

/** Limits texts more than Sigma does: each alert has them, and a message may have 256 KiB (SNS, "Quotas"). */
const text = (max: number) => z.string().max(max);

/** The metadata of any Sigma rule (Sigma Rules Specification 2.1, and its JSON Schemas). */
const metadata = {
  title: z.string().min(1).max(256),
  id: z.uuid().optional(),
  name: z.string().min(1).max(256).optional(),
  related: z.array(z.unknown()).optional(),
  taxonomy: z
    .literal('sigma', 'only the taxonomy sigma is supported; docs/rules/writing-rules.md lists its names')
    .optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']).optional(),
  description: text(2000).optional(),
  license: z.string().optional(),
  author: z.string().optional(),
  references: z.array(text(500)).max(20).optional(),
  date: day.optional(),
  modified: day.optional(),
  fields: z.array(z.string()).optional(),
  falsepositives: z
    .union(
      [text(500), z.array(text(500)).max(10)],
      'expected a text of at most 500 characters, or a list of at most ten',
    )
    .optional(),
  level: z.enum(levels).optional(),
  tags: z.array(z.string().regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/, 'expected a tag such as attack.t1048')).optional(),
  scope: z.array(z.string()).optional(),
  generate: z.boolean().optional(),
};

/** Our own block: the behaviour of the rule's alerts. */
const alert = z
  .strictObject({
    suppress: z.string().optional(),
    backoff: z.number().min(1).max(10).optional(),
    escalate: z.array(z.number().gt(1)).max(10).optional(),
    ended: z.boolean().optional(),
    raise: z.boolean().optional(),
    next: z.array(text(500)).max(10).optional(),
  })
  .optional();

/** Our own block: conditions that Sigma cannot express. See docs/rules/writing-rules.md, "Beyond Sigma". */
const extension = z
  .strictObject({
    active_slots: z.strictObject({ gte: z.number().int().min(1).max(21) }).optional(),
    slot: z.strictObject({ lte: z.number().int().min(1).optional(), spread: z.number().min(1).optional() }).optional(),
    first_seen: z.strictObject({ within: z.string(), learning: z.string() }).optional(),
    silent: z.strictObject({ for: z.string(), while: z.string() }).optional(),
  })
  .optional();

/**
 * The log sources that mean flows (Sigma Taxonomy Appendix 2.1): those of AWS by product and service, firewall logs and
 * network connections by category.
 */
const flowLogs = [
  { product: 'aws', service: 'vpcflow' },
  { product: 'aws', service: 'vpcflow', category: 'firewall' },
  { category: 'firewall' },
  { category: 'network', service: 'connection' },
] as const;

/** The names of flow logs as a service: Sigma has `vpcflow`; tools and rules write `vpcflowlogs`, `vpc-flow` and others. */
const vpcFlow = /^(?:aws)?vpcflow(?:logs?)?$/;

const logsource = z.strictObject({
  category: z.string().optional(),
  product: z.string().optional(),
  service: z.string().optional(),
  definition: z.string().optional(),
});

type LogSource = z.infer<typeof logsource>;

const logSourceKeys = ['category', 'product', 'service'] as const;

function isFlowLog(written: LogSource): boolean {
  const source = withServiceName(written);
  return flowLogs.some((known: LogSource) => logSourceKeys.every((key) => known[key] === source[key]));
}

/** Returns the log source with Sigma's name of flow logs as the service. */
function withServiceName(source: LogSource): LogSource {
  const letters = source.service?.toLowerCase().replace(/[-_]/g, '') ?? '';
  return vpcFlow.test(letters) ? { ...source, service: 'vpcflow' } : source;
}

/** Returns whether a filter's log source includes flow logs: a missing key means any value. */
function includesFlowLog(written: LogSource): boolean {
  const source = withServiceName(written);
  const includes = (known: LogSource) =>
    logSourceKeys.every((key) => source[key] === undefined || source[key] === known[key]);
  return flowLogs.some(includes);
}

/** Returns the source of events that a log source means; undefined for any other log source. */
export function eventSourceOf({ category, product, service }: LogSource): EventSource | undefined {
  if (category !== undefined || product !== 'aws') return undefined;
  return eventSources.find((known) => known === service);
}

const unknownSource = {
  error: ({ input }: { input?: unknown }) => {
    const { definition: _, ...named } = (input ?? {}) as LogSource;
    const keys = Object.entries(named).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    return (
      `{${keys.join(', ')}} does not mean flow logs or events, expected {category: firewall}, ` +
      '{category: network, service: connection}, or {product: aws} with the service vpcflow, cloudtrail or guardduty'
    );
  },
};

const conditionText = 'expected a condition as text, or a list of conditions';

/** The schema of a detection, which selects flows or events. */
export const detectionShape = z.strictObject({
  ...metadata,
  logsource: logsource.refine((source) => isFlowLog(source) || eventSourceOf(source) !== undefined, unknownSource),
  detection: z
    .looseObject({
      condition: z.union([z.string(), z.array(z.string()).min(1, conditionText)], conditionText),
    })
    .refine((detection) => !('timeframe' in detection), {
      path: ['timeframe'],
      error: 'not supported, use a correlation with timespan',
    }),
  alert,
});

/** The schema of a document whose detection can be checked although other parts are invalid. */
export const detectionOnlyShape = detectionShape.pick({ detection: true }).loose();

const correlationTypes = [
  'event_count',
  'value_sum',
  'value_count',
  'value_avg',
  'value_percentile',
  'temporal',
  'temporal_ordered',
] as const;

const bound = z.number().min(0).optional();
const unknownOnAStream = z
  .undefined(
    'lt, lte, eq and neq are not supported: on a stream they are known only once the window has closed; use gt or gte',
  )
  .optional();

const ruleNamesText = 'expected names or ids of rules, at most 20';

/** The schema of a correlation: a number of flows, a time and a grouping (Sigma Correlation Rules Specification 2.1). */
export const correlationShape = z.strictObject({
  ...metadata,
  correlation: z.strictObject({
    type: z.enum(correlationTypes),
    rules: z.union([z.string(), z.array(z.string()).min(1, ruleNamesText).max(20, ruleNamesText)], ruleNamesText),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    'group-by': z.array(z.string()).min(1).max(5),
    timespan: z.string(),
    condition: z
      .strictObject({
        gt: bound,
        gte: bound,
        lt: unknownOnAStream,
        lte: unknownOnAStream,
        eq: unknownOnAStream,
        neq: unknownOnAStream,
        field: z
          .union(
            [z.string(), z.array(z.string()).min(1).max(5)],
            'expected the name of a field, or a list of at most five',
          )
          .optional(),
        percentile: z.number().min(1).max(100).optional(),
      })
      .refine((condition) => (condition.gt === undefined) !== (condition.gte === undefined), {
        error: 'expected either gt or gte',
      })
      .optional(),
  }),
  alert,
  flow_sentinel: extension,
});

const filteredRulesText = 'expected names or ids of rules, or any';

/** The schema of a filter, which excludes flows or events from rules. */
export const filterShape = z.strictObject({
  ...metadata,
  logsource: logsource.refine(
    (source) => includesFlowLog(source) || eventSourceOf(source) !== undefined,
    unknownSource,
  ),
  filter: z.looseObject({
    rules: z.union([z.string(), z.array(z.string()).min(1, filteredRulesText)], filteredRulesText),
    condition: z.string('expected one condition as text'),
  }),
  allow: z
    .strictObject({
      reason: text(500).optional(),
      expires: z
        .string('expected a day such as 2027-01-31')
        .refine((text) => endOfDay(text) !== undefined, 'expected a day such as 2027-01-31')
        .optional(),
    })
    .optional(),
});

/** The document of a detection. */
export type DetectionDocument = z.infer<typeof detectionShape>;
/** The document of a correlation. */
export type CorrelationDocument = z.infer<typeof correlationShape>;
/** The document of a filter. */
export type FilterDocument = z.infer<typeof filterShape>;
