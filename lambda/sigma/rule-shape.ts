import { z } from 'zod';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date such as 2026-11-24');
const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

/** Texts go into each alert, and a message may have 256 KiB (SNS, "Quotas"): shorter than Sigma lets them be. */
const text = (max: number) => z.string().max(max);

/** What any Sigma rule may say of itself (Sigma Rules Specification 2.1, and its JSON Schemas). */
const about = {
  title: z.string().min(1).max(256),
  id: z.uuid().optional(),
  name: z.string().min(1).max(256).optional(),
  related: z.array(z.unknown()).optional(),
  taxonomy: z.literal('sigma').optional(),
  status: z.enum(['stable', 'test', 'experimental', 'deprecated', 'unsupported']).optional(),
  description: text(2000).optional(),
  license: z.string().optional(),
  author: z.string().optional(),
  references: z.array(text(500)).max(20).optional(),
  date: day.optional(),
  modified: day.optional(),
  fields: z.array(z.string()).optional(),
  falsepositives: z.union([text(500), z.array(text(500)).max(10)]).optional(),
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

/** Our own block: what Sigma has no words for. See docs/rules.md, "Beyond Sigma". */
const extension = z
  .strictObject({
    active_slots: z.strictObject({ gte: z.number().int().min(1).max(21) }).optional(),
    slot: z.strictObject({ lte: z.number().int().min(1).optional(), spread: z.number().min(1).optional() }).optional(),
    first_seen: z.strictObject({ within: z.string(), learning: z.string() }).optional(),
    silent: z.strictObject({ for: z.string(), while: z.string() }).optional(),
  })
  .optional();

/** A detection rule: which flows. */
export const detectionShape = z.strictObject({
  ...about,
  logsource: z.strictObject({
    product: z.literal('aws', 'expected product: aws'),
    service: z.literal('vpcflow', 'expected service: vpcflow'),
    category: z.undefined('only product: aws, service: vpcflow is supported').optional(),
    definition: z.string().optional(),
  }),
  detection: z
    .looseObject({ condition: z.string('expected one condition as text') })
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

/** A correlation rule: how many of them, in which time, together by what (Sigma Correlation Rules Specification 2.1). */
export const correlationShape = z.strictObject({
  ...about,
  correlation: z.strictObject({
    type: z.enum(correlationTypes),
    rules: z.union([z.string(), z.array(z.string()).min(1).max(20)]),
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
        field: z.union([z.string(), z.array(z.string()).min(1).max(5)]).optional(),
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

export type DetectionDocument = z.infer<typeof detectionShape>;
export type CorrelationDocument = z.infer<typeof correlationShape>;
