import { z } from 'zod';
import { answerLevels } from '../../lambda/alert/answer-levels.ts';
import { minPerMinute } from '../../lambda/alert/message-allowance.ts';
import { enumerated } from '../../lambda/common/text.ts';
import {
  contextDays,
  defaultCountEverySeconds,
  defaultMessages,
  defaultRefusedPairsPerMinute,
} from '../../lambda/config.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import { scopes } from '../../lambda/flow-log/scope.ts';
import { type TaggedResource, taggedResources } from '../../lambda/flow-log/tag-fields.ts';
import { laneCounts } from '../../lambda/journal/lane.ts';
import { lakePartitions } from '../../lambda/respond/lake-partition.ts';
import { s3Url } from '../../lambda/rules/s3-url.ts';
import { parseMonitoredNetwork } from '../../sigma/compile/monitored-network.ts';

/** Words for a value that has another form than the expected one. */
const expected = (form: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `expected ${form}, got ${JSON.stringify(input)}`,
});

/** Ids have 8 or 17 hexadecimal digits (EC2 User Guide, "Resource IDs"). */
const idsOf = (prefix: string, what: string) =>
  list(
    z
      .string()
      .regex(
        new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`),
        expected(`the id of ${what}, such as ${prefix}-0123456789abcdef0`),
      ),
  );

function list<T extends z.ZodType>(item: T, fallback: readonly z.input<T>[] = []) {
  return z
    .array(item)
    .max(200)
    .default(fallback as never);
}

/** An e-mail address, checked only as far as SNS checks it. */
const email = z
  .string()
  .max(256)
  .regex(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, expected('an e-mail address'));

function wholeNumber(min: number, max: number, fallback: number) {
  return wholeNumberOf('', min, max).default(fallback);
}

/** @param what what the number counts, such as ` of US dollars` */
function wholeNumberOf(what: string, min: number, max: number) {
  const form = expected(`a whole number${what} from ${min} to ${max}`);
  return z.int(form).min(min, form).max(max, form);
}

/** A new on-demand table accepts this rate without warming (DynamoDB Developer Guide, "On-demand capacity mode"). */
const minWarmWrites = 4000;

/** A table has 40,000 units unless AWS raised the quota (DynamoDB Developer Guide, "Quotas"): AWS checks that limit. */
function writeUnits(min: number) {
  return wholeNumberOf(' of write units a second', min, 10_000_000);
}

const flowLogFormat = z.string().superRefine((text, { addIssue }) => {
  const format = parseFormat(text);
  if ('problem' in format) {
    addIssue(format.problem);
    return;
  }
  for (const side of ['srcaddr', 'dstaddr']) {
    if (!format.indexOf.has(side) && !format.indexOf.has(`pkt-${side}`)) {
      addIssue(`the format counts for no pair: got no ${side}, expected ${side} or pkt-${side} among the fields`);
    }
  }
});

/** A tag has a key of 1 to 128 characters (EC2 User Guide, "Tag restrictions"); a flow log has two tags of a resource. */
const tagKeys = z
  .array(
    z
      .string()
      .min(1, expected('a tag key that is not empty'))
      .max(128, expected('a tag key of at most 128 characters')),
  )
  .max(2, expected('at most two tag keys'))
  .superRefine((keys, { addIssue }) => {
    if (new Set(keys).size < keys.length) addIssue(`expected different tag keys, got ${JSON.stringify(keys)}`);
  })
  .optional();

const monitoredNetwork = z.string().superRefine((text, { addIssue }) => {
  const parsed = parseMonitoredNetwork(text);
  if ('problem' in parsed) addIssue(parsed.problem);
});

/** The settings of one stage. docs/reference/settings.schema.json and settings.md are generated from this shape. */
export const settingsShape = z.strictObject({
  alertEmails: list(email).describe('E-mail addresses that receive alerts.'),
  operationsEmails: list(email).describe('E-mail addresses that receive the alarms of the stack itself.'),
  vpcIds: idsOf('vpc', 'a VPC').describe('VPCs that get a flow log.'),
  subnetIds: idsOf('subnet', 'a subnet').describe('Subnets that get a flow log.'),
  networkInterfaceIds: idsOf('eni', 'a network interface').describe('Network interfaces that get a flow log.'),
  transitGatewayIds: idsOf('tgw', 'a transit gateway').describe('Transit gateways that get a flow log.'),
  vpcTags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .default({})
    .describe('VPCs with all of these tags get a flow log. The VPCs are looked up at synth.'),
  allVpcs: z
    .boolean()
    .default(false)
    .describe('Whether every VPC of the account and region gets a flow log. The VPCs are looked up at synth.'),
  logGroups: list(
    z.strictObject({
      name: z.string().regex(/^[\w./#-]{1,512}$/, expected('the name of a log group')),
      format: flowLogFormat
        .optional()
        .describe("The format of the flow logs in the log group (default: AWS's default format)."),
    }),
  ).describe('CloudWatch Logs log groups with flow logs. A subscription filter sends their records to the stream.'),
  senderAccountIds: list(z.string().regex(/^\d{12}$/, expected('an account id of twelve digits'))).describe(
    'Other accounts whose flow logs may send to the stream.',
  ),
  monitoredNetworks: list(monitoredNetwork).describe(
    'CIDR blocks of the logged networks. A flow between two of them is logged at both endpoints and counted once. Name no network without flow logs: its accepted flows would not be counted. Default: the CIDR blocks of the VPCs if VPCs are looked up, otherwise `monitored_networks` of `rules/networks.yml`, which has none.',
  ),
  scope: z
    .enum(scopes)
    .optional()
    .describe(
      'Keeps networks with the same addresses apart: `account` counts and alerts for each account, `vpc` for each account and VPC. A rule then sees only the flows of one account or VPC at a time. Counters begin again after a change. Default: all flows of an address count together.',
    ),
  logFormats: list(flowLogFormat, [defaultFormat]).describe(
    "Formats of existing flow logs that send to the stream, in AWS's notation or as field names.",
  ),
  geoTable: z
    .string()
    .regex(s3Url, expected('an object in S3, such as s3://my-bucket/geo.bin'))
    .optional()
    .describe(
      'Object in S3 with a table of `geo build`, in the region of the stack. Alerts say the country, the operator and the AWS Region of outside addresses, and rules may use them. The functions read the object again a minute after it has changed. Default: none, and the rules that need it are off.',
    ),
  tagFields: z
    .strictObject(
      { instance: tagKeys, interface: tagKeys, autoScalingGroup: tagKeys } satisfies Record<TaggedResource, z.ZodType>,
      {
        error: ({ code }) =>
          code === 'unrecognized_keys' ? `expected ${enumerated(taggedResources, 'or')}` : undefined,
      },
    )
    .default({})
    .describe(
      'Keys of tags whose values are in the flow logs of VPCs, subnets and network interfaces that the stack makes, at most two of each resource, such as {"instance": ["Name", "team"], "interface": ["Name"], "autoScalingGroup": ["aws:autoscaling:groupName"]}. Rules may use the tags, and alerts name addresses by them. A change replaces these flow logs, and each record grows.',
    ),
  bufferIntervalSeconds: z
    .literal([60, 300])
    .default(60)
    .describe(
      'Seconds for which Firehose collects records before it invokes the function: 60 or 300. With 300, small volumes need about 60 % of the writes, and alerts come up to four minutes later. Batches are full earlier above 1.2 million records a day, and the saving ends at 6 million.',
    ),
  lakeFormat: z.enum(['parquet', 'json']).default('parquet').describe('Format of the decoded records in S3.'),
  lakePartition: z
    .enum(lakePartitions)
    .default('date')
    .describe('Partition key of the decoded records in S3, in addition to the date. A change replaces the stream.'),
  lakeColdAfterDays: wholeNumber(0, 3650, 90).describe(
    'Days after which decoded records move to Glacier Instant Retrieval. 0: never.',
  ),
  lakeExpireAfterDays: wholeNumber(0, 36_500, 400).describe('Days after which decoded records are deleted. 0: never.'),
  encryption: z
    .enum(['aws', 'own'])
    .default('aws')
    .describe('`aws`: keys that AWS owns or manages. `own`: one customer-managed KMS key for all stored data.'),
  retentionDays: wholeNumber(15, 3650, 30).describe('Days for which a counter is retained after its last flow.'),
  counting: z
    .enum(['direct', 'journal'])
    .default('direct')
    .describe(
      '`direct`: each batch is counted as it arrives. `journal`: batches are stored in a journal and counted together, with a fraction of the writes, and alerts come later by at most `countEvery` and a minute.',
    ),
  countEvery: wholeNumber(1, 15, defaultCountEverySeconds / 60).describe(
    'Minutes from one count of the journal to the next. With `counting` `direct`, what is left in the journal is counted as often.',
  ),
  countLanes: z
    .literal([...laneCounts])
    .default(laneCounts[0])
    .describe(
      'Parts of the journal, which are counted independently: 16, or 128 above a thousand million records a day. With 128, 32 invocations count at once.',
    ),
  provisionedWrites: z
    .strictObject({ min: writeUnits(1), max: writeUnits(1) })
    .optional()
    .describe(
      'Provisioned write units a second with autoscaling from min to max, such as {"min": 500, "max": 4000}. Default: on-demand capacity. `npm run cost` shows which is cheaper.',
    ),
  warmWrites: writeUnits(minWarmWrites)
    .optional()
    .describe(
      'Write units a second that the on-demand table accepts immediately, for a start under heavy traffic. Cannot be lowered later. Default: 4,000.',
    ),
  maxWrites: writeUnits(1)
    .optional()
    .describe(
      'Maximum write units a second of the on-demand table. DynamoDB throttles above it: batches are retried, and those that fail four times need `redrive`. 1,000 units cost at most $2.25 an hour. Default: the quota of the account, 40,000 for a table.',
    ),
  monthlyBudgetUsd: wholeNumberOf(' of US dollars', 1, 10_000_000)
    .optional()
    .describe(
      'US dollars a month of an AWS Budget over the complete account. The operations topic gets a message at 80 % of it by forecast, and at 100 % of it in fact.',
    ),
  messagesPerBatch: wholeNumber(1, 1000, defaultMessages.perBatch).describe(
    'Maximum number of messages to the alert topic per batch.',
  ),
  messagesPerMinute: wholeNumber(minPerMinute, 1000, defaultMessages.perMinute).describe(
    'Maximum number of messages to the alert topic per minute. Each level has a fifth that no lower level can take.',
  ),
  refusedPairsPerMinute: wholeNumber(1, 10_000_000, defaultRefusedPairsPerMinute).describe(
    'Maximum number of pairs of refused outside sources that are counted exactly, for each minute of arrival. Those above it are counted together by target and port, so that spoofed addresses cannot raise the cost.',
  ),
  names: z
    .boolean()
    .default(false)
    .describe(
      'Whether a function looks up who has the inside addresses of alerts: instance, owner, load balancer and more. It asks EC2 of the account and region of the stack.',
    ),
  context: z
    .boolean()
    .default(false)
    .describe(
      'Whether GuardDuty findings and changes of the network are stored, and told with the alerts of the hosts that they concern. Needs GuardDuty, and a CloudTrail trail for changes, in the account and region of the stack.',
    ),
  contextDays: wholeNumber(contextDays.min, contextDays.max, contextDays.byDefault).describe(
    'Days for which findings, changes and sent alerts are stored with `context`.',
  ),
  guardDutyAnswers: z
    .enum(answerLevels)
    .default('off')
    .describe(
      'Least level of the GuardDuty findings that are answered with the counts of their addresses, in messages of the alert topic: `medium`, `high`, or `off`. Needs `context`.',
    ),
  organizationId: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/, expected('the id of an organization, such as o-a1b2c3d4e5'))
    .optional()
    .describe(
      'AWS organization whose accounts may send their findings and changes to a central event bus of the stack. Needs `context`. Default: only events of the account of the stack.',
    ),
  tracing: z.boolean().default(false).describe('Whether X-Ray traces the invocations of the function.'),
  protect: z
    .boolean()
    .default(true)
    .describe('Whether the table, bucket, topics and key outlive the stack once it is created.'),
});

/** The settings of one stage with every default filled in. */
export type Settings = z.output<typeof settingsShape>;

/** Whether VPCs are selected by tag or as a whole, so that synth must look them up in the account. */
export function looksUpVpcs({ vpcTags, allVpcs }: Pick<Settings, 'vpcTags' | 'allVpcs'>): boolean {
  return allVpcs || Object.keys(vpcTags).length > 0;
}
