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
  generate: z.literal(false, 'only false is supported: a referenced rule does not alert by itself').optional(),
};

/** Our own block: how alerts of the rule behave. */
const alert = z
  .strictObject({
    suppress: z.string().optional(),
    escalate: z.array(z.number().gt(1)).max(10).optional(),
    next: z.array(text(500)).max(10).optional(),
  })
  .optional();

const threshold = z.number().int().min(0).optional();

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

/** A correlation rule: how many of them, in which time, together by what. */
export const correlationShape = z.strictObject({
  ...about,
  correlation: z.strictObject({
    type: z.enum(['event_count', 'value_sum', 'value_count']),
    rules: z.union([z.string(), z.array(z.string()).min(1)]),
    'group-by': z.array(z.string()).min(1).max(5),
    timespan: z.string(),
    condition: z
      .strictObject({ gt: threshold, gte: threshold, field: z.string().optional() })
      .refine((condition) => (condition.gt === undefined) !== (condition.gte === undefined), {
        error: 'expected one of gt and gte: what is less than a number cannot be told before its time is over',
      }),
  }),
  alert,
});

export type DetectionDocument = z.infer<typeof detectionShape>;
export type CorrelationDocument = z.infer<typeof correlationShape>;
