import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';
import { defaultMessages } from '../../lambda/config.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { lakePartitions } from '../../lambda/respond/lake-partition.ts';
import {
  byLocation,
  checkShape,
  isMap,
  readDocuments,
  type SourceDocument,
  type SourceFile,
} from '../../sigma/parse/yaml-document.ts';

/** Ids have 8 or 17 hexadecimal digits (EC2 User Guide, "Resource IDs"). */
const idsOf = (prefix: string, what: string) =>
  list(
    z
      .string()
      .regex(
        new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`),
        `expected the id of ${what}, such as ${prefix}-0123456789abcdef0`,
      ),
  );

function list<T extends z.ZodType>(item: T, fallback: readonly z.input<T>[] = []) {
  return z
    .array(item)
    .max(200)
    .default(fallback as never);
}

/** An e-mail address, so far as SNS looks at it. */
const email = z
  .string()
  .max(256)
  .regex(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'expected an e-mail address');

const whole = (least: number, most: number, fallback: number) =>
  z
    .int(`expected a whole number from ${least} to ${most}`)
    .min(least, `expected a whole number from ${least} to ${most}`)
    .max(most, `expected a whole number from ${least} to ${most}`)
    .default(fallback);

/** What a new table on demand takes of itself (DynamoDB Developer Guide, "On-demand capacity mode"). */
const leastWarmWrites = 4000;

/** A table has 40,000 units unless AWS was asked for more (DynamoDB Developer Guide, "Quotas"). */
function writeUnits(least: number) {
  const [most, expected] = [10_000_000, `expected a whole number of write units a second from ${least} to 10000000`];
  return z.int(expected).min(least, expected).max(most, expected);
}

const flowLogFormat = z.string().superRefine((text, { addIssue }) => {
  const format = parseFormat(text);
  if ('problem' in format) addIssue(format.problem);
});

const network = z.string().superRefine((text, { addIssue }) => {
  const parsed = parseNetwork(text);
  if ('problem' in parsed) addIssue(parsed.problem);
});

/** What an operator may say of one stage; docs/reference/settings.schema.json is made of this. */
export const settingsShape = z.strictObject({
  alertEmails: list(email).describe('Who gets alerts by e-mail.'),
  operationsEmails: list(email).describe('Who gets the alarms of the stack itself by e-mail.'),
  vpcIds: idsOf('vpc', 'a VPC').describe('VPCs that get a flow log.'),
  subnetIds: idsOf('subnet', 'a subnet').describe('Subnets that get a flow log.'),
  networkInterfaceIds: idsOf('eni', 'a network interface').describe('Network interfaces that get a flow log.'),
  transitGatewayIds: idsOf('tgw', 'a transit gateway').describe('Transit gateways that get a flow log.'),
  vpcTags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .default({})
    .describe('VPCs that have all of these tags get a flow log. They are looked up at synth.'),
  allVpcs: z
    .boolean()
    .default(false)
    .describe('Whether all VPCs of the account and region get a flow log. They are looked up at synth.'),
  logGroups: list(
    z.strictObject({
      name: z.string().regex(/^[\w./#-]{1,512}$/, 'expected the name of a log group'),
      format: flowLogFormat.optional().describe('The format of its flow logs. Default: AWS’s default.'),
    }),
  ).describe('Log groups of CloudWatch Logs that have flow logs already; a subscription filter sends them on.'),
  senderAccountIds: list(z.string().regex(/^\d{12}$/, 'expected an account id of twelve digits')).describe(
    'Other accounts whose flow logs may send to the stream.',
  ),
  monitoredNetworks: list(network).describe(
    'The CIDR blocks of what is logged: a flow between two of them is logged at both its ends, and counted once. Default: those of the VPCs, where VPCs are looked up; else what rules/networks.yml says.',
  ),
  logFormats: list(flowLogFormat, [defaultFormat]).describe(
    'The formats of the flow logs that exist already and send to the stream, as AWS writes them or as field names.',
  ),
  lakeFormat: z.enum(['parquet', 'json']).default('parquet').describe('How decoded records are kept in S3.'),
  lakePartition: z
    .enum(lakePartitions)
    .default('date')
    .describe('By what decoded records are parted in S3, besides their date. A change makes a new stream.'),
  lakeColdAfterDays: whole(0, 3650, 90).describe(
    'Days after which decoded records move to Glacier Instant Retrieval; 0 for never.',
  ),
  lakeExpireAfterDays: whole(0, 36_500, 400).describe('Days after which decoded records are deleted; 0 for never.'),
  encryption: z
    .enum(['aws', 'own'])
    .default('aws')
    .describe('Whether keys are those of AWS, or one own KMS key for all that is stored.'),
  retentionDays: whole(15, 3650, 30).describe('Days after its last flow that a counter is kept.'),
  provisionedWrites: z
    .strictObject({ min: writeUnits(1), max: writeUnits(1) })
    .optional()
    .describe(
      'Write units a second that the table has at least and at most, such as {"min": 500, "max": 4000}: bought ahead, with autoscaling between them. Without it the table is on demand. `npm run cost` says when it pays.',
    ),
  warmWrites: writeUnits(leastWarmWrites)
    .optional()
    .describe(
      'Write units a second that the table on demand takes at once, for a start with much traffic. Without it 4,000. It cannot be lowered.',
    ),
  messagesPerBatch: whole(1, 1000, defaultMessages.perBatch).describe(
    'The most messages to the alert topic in a batch.',
  ),
  messagesPerMinute: whole(1, 1000, defaultMessages.perMinute).describe(
    'The most messages to the alert topic in a minute.',
  ),
  tracing: z.boolean().default(false).describe('Whether invocations are traced with X-Ray.'),
  protect: z
    .boolean()
    .default(true)
    .describe('Whether table, bucket, topics and key are protected from deletion and stay when the stack is deleted.'),
});

/** What an operator says about one stage, each setting as it is or as its default. */
export type Settings = z.output<typeof settingsShape>;

/** Whether VPCs are asked for that are not named, so that synth must look them up in an account. */
export function looksUpVpcs({ vpcTags, allVpcs }: Pick<Settings, 'vpcTags' | 'allVpcs'>): boolean {
  return allVpcs || Object.keys(vpcTags).length > 0;
}

/** A deployment of the stack; several of one account and region differ by their stage. */
export interface Stage {
  /** `default`, or a name of letters and digits. */
  readonly name: string;
  readonly settings: Settings;
}

/** The whole file: a schema for editors, and the stages by their names. */
const settingsFileShape = z.strictObject({
  $schema: z.string().optional(),
  stages: z
    .record(z.string(), z.unknown())
    .refine((stages) => Object.keys(stages).length > 0, 'expected a stage, such as "default": {}'),
});

/** What a stage may be named. */
export const stageName = /^[A-Za-z][A-Za-z0-9]{0,19}$/;

/** The name of the CDK context that chooses one of the stages. */
const stageContext = 'stage';

/**
 * Reads the stages of a settings file. `-c stage=NAME` chooses one of them; `-c name=value` says a setting in place of
 * the file: a list with commas (formats, which may hold commas themselves, with line breaks), anything else as JSON.
 *
 * @param context the context of the CDK app
 * @throws FlowError `CONFIG_INVALID` that names every mistake, those of the file as `file:line: text`; also a name that
 * is no setting: what `-c vpcId=...` asks for must not silently be left out. CDK's own names are left alone: they have a
 * `:`, `/` or `-` in them
 */
export function readSettings(context: Readonly<Record<string, unknown>>, file: SourceFile): Stage[] {
  const { documents, problems } = readDocuments(file);
  const source = documents[0];
  const stages = source ? (checkShape(source, settingsFileShape, problems)?.stages ?? {}) : {};
  const overrides = overridesOf(context, problems);
  const names = chosen(Object.keys(stages), context[stageContext], overrides, problems);
  const read = names.flatMap((name): Stage[] => {
    const before = problems.length;
    const said = stages[name];
    if (!stageName.test(name)) {
      problems.push(
        source!.problem(['stages', name], 'a stage is named by up to 20 letters and digits, a letter first'),
      );
    }
    const part = source && within(source, ['stages', name], { ...(isMap(said) ? said : {}), ...overrides }, overrides);
    if (!isMap(said)) problems.push(source!.problem(['stages', name], `stages.${name}: expected a map of settings`));
    const settings = part && checkShape(part, settingsShape, problems);
    if (!settings || problems.length > before) return [];
    problems.push(...contradictions(settings).map((text) => part.problem([], text)));
    return [{ name, settings: withoutDoubles(settings) }];
  });
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.toSorted(byLocation).join('\n'));
  return read;
}

function chosen(names: readonly string[], wanted: unknown, overrides: object, problems: string[]): readonly string[] {
  if (wanted === undefined) {
    if (names.length > 1 && Object.keys(overrides).length > 0) {
      problems.push(`-c says settings, and there are several stages: say which with -c ${stageContext}=${names[0]}`);
    }
    return names;
  }
  if (typeof wanted === 'string' && names.includes(wanted)) return [wanted];
  problems.push(`-c ${stageContext}: ${JSON.stringify(wanted)} is no stage, expected one of ${names.join(', ')}`);
  return [];
}

function overridesOf(context: Readonly<Record<string, unknown>>, problems: string[]): Record<string, unknown> {
  const names = Object.keys(settingsShape.shape);
  const said = Object.entries(context).filter(([name]) => /^\w+$/.test(name) && name !== stageContext);
  return Object.fromEntries(
    said.flatMap(([name, value]) => {
      if (names.includes(name)) return [[name, typeof value === 'string' ? spoken(name, value) : value]];
      problems.push(
        `-c ${name} is not known, got ${JSON.stringify(value)}, expected one of ${stageContext}, ${names.join(', ')}`,
      );
      return [];
    }),
  );
}

/** What `-c name=text` means. */
function spoken(name: string, text: string): unknown {
  const isList = settingsShape.shape[name as keyof Settings].unwrap() instanceof z.ZodArray;
  if (isList && !text.trimStart().startsWith('[')) return listed(text, name === 'logFormats' ? '\n' : ',');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function listed(text: string, separator: string): string[] {
  return text.trim() === '' ? [] : text.split(separator).map((part) => part.trim());
}

/** A part of a document, whose problems are told with their place in the file, or as what `-c` said. */
function within(
  source: SourceDocument,
  path: readonly string[],
  value: unknown,
  overrides: Readonly<Record<string, unknown>>,
): SourceDocument {
  return {
    file: source.file,
    value,
    problem: ([name, ...rest], text) =>
      name !== undefined && Object.hasOwn(overrides, name)
        ? `-c ${text}, got ${JSON.stringify(overrides[name])}`
        : source.problem([...path, ...(name === undefined ? [] : [name]), ...rest], `${path.join('.')}: ${text}`),
  };
}

function contradictions(settings: Settings): string[] {
  const { vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks, lakeColdAfterDays, lakeExpireAfterDays } =
    settings;
  const problems: string[] = [];
  const unknownIds = [...subnetIds, ...networkInterfaceIds, ...(looksUpVpcs(settings) ? [] : vpcIds)];
  if (unknownIds.length > 0 && monitoredNetworks.length === 0) {
    problems.push(
      'monitoredNetworks must name the CIDR blocks of what is logged, such as 10.0.0.0/16: by them a flow that is ' +
        'logged at both its ends is told from one that comes from where nothing is logged',
    );
  }
  if (settings.allVpcs && Object.keys(settings.vpcTags).length > 0) {
    problems.push('allVpcs is true, and vpcTags asks for some of them: say one of the two');
  }
  const names = settings.logGroups.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) problems.push(`logGroups must name each log group once, got ${twice.join(', ')} again`);
  if (settings.provisionedWrites && settings.provisionedWrites.min > settings.provisionedWrites.max) {
    const { min, max } = settings.provisionedWrites;
    problems.push(`provisionedWrites.min must be at most provisionedWrites.max, got ${min} and ${max}`);
  }
  if (settings.provisionedWrites && settings.warmWrites !== undefined) {
    problems.push('warmWrites is for a table on demand, and provisionedWrites says that it is not: say one of the two');
  }
  if (lakeExpireAfterDays > 0 && lakeColdAfterDays >= lakeExpireAfterDays) {
    problems.push(
      `lakeColdAfterDays must be less than lakeExpireAfterDays, got ${lakeColdAfterDays} and ${lakeExpireAfterDays}`,
    );
  }
  return problems;
}

/** What is said twice is said once. */
function withoutDoubles(settings: Settings): Settings {
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? [...new Set<string>(value)] : value,
  ]);
  return Object.fromEntries(entries) as Settings;
}
