import { z } from 'zod';
import { endOfDay } from '../../lambda/common/calendar.ts';

const aDate = 'expected a date such as 2026-11-24';
const day = z.string(aDate).refine((one) => endOfDay(one) !== undefined, aDate);
const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

/** Texts go into each alert, and a message may have 256 KiB (SNS, "Quotas"): shorter than Sigma lets them be. */
const text = (max: number) => z.string().max(max);

/** What any Sigma rule may say of itself (Sigma Rules Specification 2.1, and its JSON Schemas). */
const about = {
  title: z.string().min(1).max(256),
  id: z.uuid().optional(),
  name: z.string().min(1).max(256).optional(),
  related: z.array(z.unknown()).optional(),
  taxonomy: z
    .literal('sigma', 'only the taxonomy sigma is supported, whose names are in docs/rules/writing-rules.md')
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
    .union([text(500), z.array(text(500)).max(10)], 'expected a text of at most 500 characters, or a list of up to ten')
    .optional(),
  level: z.enum(levels).optional(),
  tags: z.array(z.string().regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/, 'expected a tag such as attack.t1048')).optional(),
  scope: z.array(z.string()).optional(),
  generate: z.boolean().optional(),
};

/** Our own block: how alerts of the rule behave. */
const alert = z
  .strictObject({
    suppress: z.string().optional(),
    backoff: z.number().min(1).max(10).optional(),
    escalate: z.array(z.number().gt(1)).max(10).optional(),
    ended: z.boolean().optional(),
    next: z.array(text(500)).max(10).optional(),
  })
  .optional();

/** Our own block: what Sigma has no words for. See docs/rules/writing-rules.md, "Beyond Sigma". */
const extension = z
  .strictObject({
    active_slots: z.strictObject({ gte: z.number().int().min(1).max(21) }).optional(),
    slot: z.strictObject({ lte: z.number().int().min(1).optional(), spread: z.number().min(1).optional() }).optional(),
    first_seen: z.strictObject({ within: z.string(), learning: z.string() }).optional(),
    silent: z.strictObject({ for: z.string(), while: z.string() }).optional(),
  })
  .optional();

/**
 * The log sources that mean flows (Sigma Taxonomy Appendix 2.1): of AWS by product and service, firewall logs and network
 * connections by category.
 */
const flowLogs = [
  { product: 'aws', service: 'vpcflow' },
  { product: 'aws', service: 'vpcflow', category: 'firewall' },
  { category: 'firewall' },
  { category: 'network', service: 'connection' },
] as const;

const logsource = z.strictObject({
  category: z.string().optional(),
  product: z.string().optional(),
  service: z.string().optional(),
  definition: z.string().optional(),
});

type LogSource = z.infer<typeof logsource>;

const logSourceKeys = ['category', 'product', 'service'] as const;

function isFlowLog(source: LogSource): boolean {
  return flowLogs.some((known: LogSource) => logSourceKeys.every((key) => known[key] === source[key]));
}

/** Whether a filter's log source holds one that means flows: what it does not say may be anything. */
function holdsFlowLog(source: LogSource): boolean {
  const holds = (known: LogSource) =>
    logSourceKeys.every((key) => source[key] === undefined || source[key] === known[key]);
  return flowLogs.some(holds);
}

const notFlowLog = {
  error: ({ input }: { input?: unknown }) => {
    const { definition: _, ...named } = (input ?? {}) as LogSource;
    const said = Object.entries(named).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    return (
      `logs of {${said.join(', ')}} are no flow logs, expected product: aws, service: vpcflow, or category: firewall, ` +
      'or category: network, service: connection'
    );
  },
};

const conditions = 'expected a condition as text, or a list of them';

/** A detection rule: which flows. */
export const detectionShape = z.strictObject({
  ...about,
  logsource: logsource.refine(isFlowLog, notFlowLog),
  detection: z
    .looseObject({
      condition: z.union([z.string(), z.array(z.string()).min(1, conditions)], conditions),
    })
    .refine((detection) => !('timeframe' in detection), {
      path: ['timeframe'],
      error: 'use a correlation with timespan',
    }),
  alert,
});

const correlationTypes = [
  'event_count',
  'value_sum',
  'value_count',
  'value_avg',
  'value_percentile',
  'temporal',
  'temporal_ordered',
] as const;

const criterion = z.number().min(0).optional();
const notInAStream = z
  .undefined('what is less than, or just, a number cannot be told before its time is over')
  .optional();

const correlated = 'expected names or ids of rules, up to 20';

/** A correlation rule: how many of them, in which time, together by what (Sigma Correlation Rules Specification 2.1). */
export const correlationShape = z.strictObject({
  ...about,
  correlation: z.strictObject({
    type: z.enum(correlationTypes),
    rules: z.union([z.string(), z.array(z.string()).min(1, correlated).max(20, correlated)], correlated),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    'group-by': z.array(z.string()).min(1).max(5),
    timespan: z.string(),
    condition: z
      .strictObject({
        gt: criterion,
        gte: criterion,
        lt: notInAStream,
        lte: notInAStream,
        eq: notInAStream,
        neq: notInAStream,
        field: z
          .union(
            [z.string(), z.array(z.string()).min(1).max(5)],
            'expected the name of a field, or a list of up to five',
          )
          .optional(),
        percentile: z.number().min(1).max(100).optional(),
      })
      .refine((condition) => (condition.gt === undefined) !== (condition.gte === undefined), {
        error: 'expected one of gt and gte',
      })
      .optional(),
  }),
  alert,
  flow_sentinel: extension,
});

const ruleNames = 'expected names or ids of rules, or any';

/** A filter: what is left out of the flows that rules mean. */
export const filterShape = z.strictObject({
  ...about,
  logsource: logsource.refine(holdsFlowLog, notFlowLog),
  filter: z.looseObject({
    rules: z.union([z.string(), z.array(z.string()).min(1, ruleNames)], ruleNames),
    condition: z.string('expected one condition as text'),
  }),
  allow: z
    .strictObject({
      reason: text(500).optional(),
      expires: z
        .string('expected a day such as 2027-01-31')
        .refine((one) => endOfDay(one) !== undefined, 'expected a day such as 2027-01-31')
        .optional(),
    })
    .optional(),
});

export type DetectionDocument = z.infer<typeof detectionShape>;
export type CorrelationDocument = z.infer<typeof correlationShape>;
export type FilterDocument = z.infer<typeof filterShape>;
