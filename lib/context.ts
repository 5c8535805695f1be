import { defaultMessages } from '../lambda/config.ts';
import { parseNetwork } from '../lambda/core/address.ts';
import { defaultFormat, parseFormat } from '../lambda/core/format.ts';
import { FlowError } from '../lambda/errors.ts';

/** What an operator says about a deployment. */
export interface Settings {
  /** Who gets alerts by e-mail. */
  readonly alertEmails: readonly string[];
  /** The VPCs, subnets and network interfaces to log; none where flow logs exist already. */
  readonly vpcIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly networkInterfaceIds: readonly string[];
  /** The CIDR blocks of what is logged: a flow between two of them is logged at both its ends, and counted once. */
  readonly monitoredNetworks: readonly string[];
  /** The formats of the flow logs that exist already and send to the stream. */
  readonly logFormats: readonly string[];
  /** Days after its last flow that a counter is kept. */
  readonly retentionDays: number;
  /** The most messages to the alert topic: what is beyond becomes digests, or waits. */
  readonly messagesPerBatch: number;
  readonly messagesPerMinute: number;
}

/** Why a text is not right, or nothing. */
type Check = (text: string) => string | undefined;

const lists = {
  alertEmails: matches(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'an e-mail address'),
  vpcIds: matches(idOf('vpc'), 'the id of a VPC, such as vpc-0123456789abcdef0'),
  subnetIds: matches(idOf('subnet'), 'the id of a subnet, such as subnet-0123456789abcdef0'),
  networkInterfaceIds: matches(idOf('eni'), 'the id of a network interface, such as eni-0123456789abcdef0'),
  monitoredNetworks: (text) => {
    const network = parseNetwork(text);
    return 'problem' in network ? network.problem : undefined;
  },
  logFormats: (text) => {
    const format = parseFormat(text);
    return 'problem' in format ? format.problem : undefined;
  },
} satisfies Record<string, Check>;

/** The bounds are those of readConfig (lambda/config.ts); said here too, so that all mistakes are named at once. */
const numbers = {
  retentionDays: { fallback: 30, least: 15, most: 3650 },
  messagesPerBatch: { fallback: defaultMessages.perBatch, least: 1, most: 1000 },
  messagesPerMinute: { fallback: defaultMessages.perMinute, least: 1, most: 1000 },
} as const;

const names: readonly string[] = [...Object.keys(lists), ...Object.keys(numbers)];

/**
 * Reads the context of the CDK app: `context` in cdk.json, or `-c name=value`. A list is given as one, or as a text with
 * commas; formats, which may hold commas themselves, as a text with a line for each.
 *
 * - `alertEmails`, `vpcIds`, `subnetIds`, `networkInterfaceIds`: lists. Default: none.
 * - `monitoredNetworks`: a list; needed where there are ids. Default: what rules/networks.yml says.
 * - `logFormats`: a list. Default: AWS's default format.
 * - `retentionDays`: 15 to 3650. Default: 30.
 * - `messagesPerBatch`, `messagesPerMinute`: 1 to 1000. Default: 20 and 60.
 *
 * @throws FlowError `CONFIG_INVALID` that names every mistake, also a name that is none of these: what `-c vpcId=...`
 * asks for must not silently be left out. CDK's own names are left alone: they have a `:`, `/` or `-` in them.
 */
export function readContext(context: Readonly<Record<string, unknown>>): Settings {
  const problems = Object.keys(context)
    .filter((name) => /^\w+$/.test(name) && !names.includes(name))
    .map((name) => `${name} is not known, got ${JSON.stringify(context[name])}, expected one of ${names.join(', ')}`);
  const list = (name: keyof typeof lists, separator: string, fallback: readonly string[] = []) => {
    const value = context[name] ?? fallback;
    const texts = typeof value === 'string' ? split(value, separator) : value;
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
      problems.push(`${name} must be a list of texts, got ${JSON.stringify(value)}`);
      return [];
    }
    for (const text of texts) {
      const problem = lists[name](text);
      if (problem) problems.push(`${name}: ${problem}, got ${JSON.stringify(text)}`);
    }
    return [...new Set<string>(texts)];
  };
  const number = (name: keyof typeof numbers) => {
    const { fallback, least, most } = numbers[name];
    const value = context[name] ?? fallback;
    const whole = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof whole === 'number' && Number.isInteger(whole) && whole >= least && whole <= most) return whole;
    problems.push(`${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`);
    return fallback;
  };
  const settings: Settings = {
    alertEmails: list('alertEmails', ','),
    vpcIds: list('vpcIds', ','),
    subnetIds: list('subnetIds', ','),
    networkInterfaceIds: list('networkInterfaceIds', ','),
    monitoredNetworks: list('monitoredNetworks', ','),
    logFormats: list('logFormats', '\n', [defaultFormat]),
    retentionDays: number('retentionDays'),
    messagesPerBatch: number('messagesPerBatch'),
    messagesPerMinute: number('messagesPerMinute'),
  };
  const { vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks } = settings;
  if (vpcIds.length + subnetIds.length + networkInterfaceIds.length > 0 && monitoredNetworks.length === 0) {
    problems.push(
      'monitoredNetworks must name the CIDR blocks of what is logged, such as 10.0.0.0/16, got none: by them a flow that ' +
        'is logged at both its ends is told from one that comes from where nothing is logged',
    );
  }
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('; '));
  return settings;
}

function split(text: string, separator: string): string[] {
  if (text.trim() === '') return [];
  return text.split(separator).map((part) => part.trim());
}

function matches(pattern: RegExp, expected: string): Check {
  return (text) => (pattern.test(text) ? undefined : `expected ${expected}`);
}

/** Ids have 8 or 17 hexadecimal digits (EC2 User Guide, "Resource IDs"). */
function idOf(prefix: string): RegExp {
  return new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`);
}
