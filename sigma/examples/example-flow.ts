import { z } from 'zod';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { checkedValue, expectation } from '../../lambda/flow-log/field-value.ts';
import { fields, notAvailable } from '../../lambda/flow-log/fields.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { addressGroups, isInNetwork, type Network } from '../../lambda/networks/ip-address.ts';

/** The time that the offsets of an example are counted from: midnight of Tuesday, 2026-11-24, UTC, in epoch seconds. */
export const exampleStart = 1_795_478_400;

/** The format of an example's lines: that of our own flow logs. */
export const exampleFormat = parseFormat(logFormat) as Format;

/** What is worked out rather than written. */
const computed = new Set(['version', 'start', 'end']);

const written = exampleFormat.names.filter((name) => !computed.has(name));

const fieldValue = z.union(
  [z.string(), z.number(), z.null()],
  'expected one value; a range stands in quotes, as "10.0.4.{1..12}" does',
);

/** The fields of a flow as an example writes them. */
export const flowShape = z.strictObject({
  ...Object.fromEntries(written.map((name) => [name, fieldValue.optional()])),
  at: z.string('expected the time of its start, such as 0m, 10m or 1h30m').optional(),
  for: z.string('expected a duration such as 1m').optional(),
  repeat: z.number().int().min(1).optional(),
  every: z.string('expected a duration such as 10m').optional(),
});

export type WrittenFlow = Readonly<Record<string, string | number | null | undefined>>;

/** One flow log line of an example. */
export interface ExampleFlow {
  readonly line: string;
  /** In epoch seconds. */
  readonly start: number;
  readonly end: number;
}

/** A written flow stands for no more, so that examples run in seconds. */
const maxFlows = 20_000;

/** No record covers more (VPC User Guide, "Aggregation interval"). */
const maxFlowSeconds = 600;

const maxOffsetSeconds = 400 * 86_400;

/**
 * The flows that a written one stands for: one, or as many as its ranges have values, or as it says with `repeat`.
 *
 * @param monitored by which `flow-direction` is told: see rules/networks.yml
 * @param report told of each field that holds what it cannot
 */
export function flowsOf(
  flow: WrittenFlow,
  monitored: readonly Network[],
  report: (field: string, problem: string) => void,
): ExampleFlow[] {
  let isWrong = false;
  const wrong = (field: string, problem: string) => {
    isWrong = true;
    report(field, problem);
  };
  const seconds = (field: string, usual: number, most: number, least = 0) => {
    const text = flow[field];
    if (text === undefined) return usual;
    const parsed = parseOffset(String(text));
    if (parsed !== undefined && parsed >= least && parsed <= most) return parsed;
    wrong(field, offsetProblem(String(text), parsed, least, most));
    return usual;
  };
  const at = seconds('at', 0, maxOffsetSeconds, -maxOffsetSeconds);
  const length = seconds('for', 60, maxFlowSeconds);
  const every = seconds('every', 0, maxOffsetSeconds);
  const values = written.flatMap((field): [string, string[]][] => {
    const value = flow[field];
    return value === undefined ? [] : [[field, valuesOf(field, value, (problem) => wrong(field, problem))]];
  });
  const [widest, ranged] = values.reduce((most, one) => (one[1].length > most[1].length ? one : most), ['', ['']]);
  const count = Number(flow.repeat ?? ranged.length);
  if (count < ranged.length) {
    wrong('repeat', `a range gives a flow for each of its values, and ${widest} has ${ranged.length} of them`);
  } else if (count > maxFlows) wrong(flow.repeat ? 'repeat' : widest, `more than ${maxFlows} flows`);
  if (flow.every !== undefined && count === 1) wrong('every', 'there is one flow; repeat says how many there are');
  if (isWrong) return [];
  return Array.from({ length: count }, (_, index) => {
    const start = exampleStart + at + index * every;
    const own = new Map(values.map(([field, all]) => [field, all[index % all.length]!]));
    return { line: lineOf(own, start, start + length, monitored), start, end: start + length };
  });
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds that an offset such as `10m`, `1h30m` or `-8d` means; undefined for anything else. */
function parseOffset(text: string): number | undefined {
  const match = /^(-?)((?:\d{1,9}[smhd])+)$/.exec(text);
  if (!match) return undefined;
  const parts = match[2]!.matchAll(/(\d+)([smhd])/g);
  const sum = parts.reduce((seconds, [, digits, unit]) => seconds + Number(digits) * unitSeconds[unit!]!, 0);
  return match[1] === '-' ? -sum : sum;
}

function offsetProblem(text: string, parsed: number | undefined, least: number, most: number): string {
  if (parsed === undefined) return `${JSON.stringify(text)} is no time, expected one such as 30s, 10m, 1h30m or 8d`;
  const bound = most === maxFlowSeconds ? '10m, which no record is longer than' : `${most / 86_400}d`;
  return parsed < least && least === 0 ? `${text} is less than nothing` : `${text} is over ${bound}`;
}

const counted = /^([^{}]*)\{(\d{1,9})\.\.(\d{1,9})\}([^{}]*)$/;
const listed = /^([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)$/;

/** The values that a field takes one after the other; more than one for a range such as `{1..12}` or `{22,80,443}`. */
function valuesOf(field: string, value: string | number | null, report: (problem: string) => void): string[] {
  if (value === null) return [notAvailable];
  const { kind } = fields.get(field)!;
  if (typeof value === 'number' && (kind === 'string' || !Number.isSafeInteger(value))) {
    report('a number that YAML does not keep as it is written; put it in quotes');
    return [''];
  }
  const values = expanded(String(value));
  if (values === undefined) {
    report(`${JSON.stringify(value)} is no range, expected one such as {1..12} or {22,80,443}, of at most ${maxFlows}`);
    return [''];
  }
  const checked = values.map((text) =>
    /^$|\s/.test(text) || text === notAvailable ? undefined : checkedValue(text, kind),
  );
  const wrong = values[checked.indexOf(undefined)];
  if (wrong === undefined) return checked.filter((one) => one !== undefined);
  report(
    `${JSON.stringify(wrong)} is not ${expectation(kind)}${wrong === notAvailable ? '; null is what has none' : ''}`,
  );
  return [''];
}

function expanded(text: string): string[] | undefined {
  if (!/[{}]/.test(text)) return [text];
  const [, before = '', middle, after = ''] = listed.exec(text) ?? [];
  if (middle !== undefined) return middle.split(',').map((one) => `${before}${one.trim()}${after}`);
  const [, head = '', first, last, tail = ''] = counted.exec(text) ?? [];
  const length = Number(last) - Number(first) + 1;
  if (!(length >= 1 && length <= maxFlows)) return undefined;
  return Array.from({ length }, (_, index) => `${head}${Number(first) + index}${tail}`);
}

function lineOf(own: ReadonlyMap<string, string>, start: number, end: number, monitored: readonly Network[]): string {
  const usual = usualOf(own, monitored);
  const times: Record<string, string> = { version: String(exampleFormat.version), start: `${start}`, end: `${end}` };
  return exampleFormat.names.map((name) => own.get(name) ?? times[name] ?? usual[name] ?? notAvailable).join(' ');
}

/** Where a record is from, whatever it says. */
const place: Record<string, string> = {
  'account-id': '123456789012',
  'interface-id': 'eni-0a1b2c3d4e5f60718',
  'instance-id': 'i-0a1b2c3d4e5f60718',
  'subnet-id': 'subnet-0a1b2c3d4e5f60718',
  'vpc-id': 'vpc-0a1b2c3d4e5f60718',
  'az-id': 'use1-az1',
  region: 'us-east-1',
  'log-status': 'OK',
};

/** Of TCP and of what has no ports, as IANA numbers protocols. */
const tcp = '6';
const portless = new Set(['1', '58']);

/** The first port that clients take: those below are servers'. */
const firstClientPort = 32_768;

/**
 * What a flow is like where it does not say otherwise: the whole of a short TCP connection as its client's side sends it,
 * logged where it is counted. A record without traffic (`NODATA`, `SKIPDATA`) has no more than its place and its time.
 */
function usualOf(own: ReadonlyMap<string, string>, monitored: readonly Network[]): Record<string, string> {
  if ((own.get('log-status') ?? 'OK') !== 'OK') return place;
  const isRejected = own.get('action') === 'REJECT';
  const srcaddr = own.get('srcaddr') ?? '10.0.1.5';
  const dstaddr = own.get('dstaddr') ?? '10.0.2.7';
  const protocol = own.get('protocol') ?? tcp;
  const srcport = own.get('srcport') ?? (portless.has(protocol) ? '0' : '50000');
  const dstport = own.get('dstport') ?? (portless.has(protocol) ? '0' : '443');
  const isReply = Number(srcport) < firstClientPort && Number(dstport) >= firstClientPort;
  const isMonitored = (address: string) => {
    const groups = addressGroups(address);
    return groups !== undefined && monitored.some((network) => isInNetwork(groups, network));
  };
  const leaves = isRejected ? !isMonitored(dstaddr) : isMonitored(srcaddr);
  return {
    ...place,
    srcaddr,
    dstaddr,
    srcport,
    dstport,
    protocol,
    packets: isRejected ? '1' : '10',
    bytes: isRejected ? '40' : '1000',
    action: 'ACCEPT',
    'flow-direction': leaves ? 'egress' : 'ingress',
    'tcp-flags': protocol !== tcp ? '0' : isRejected ? '2' : isReply ? '19' : '3',
    'pkt-srcaddr': srcaddr,
    'pkt-dstaddr': dstaddr,
  };
}
