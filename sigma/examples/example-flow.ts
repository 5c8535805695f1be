import { z } from 'zod';
import { isTagField } from '../../lambda/common/tag-text.ts';
import { logFields } from '../../lambda/flow-log/deployed-format.ts';
import { canonicalValue, expectedForm } from '../../lambda/flow-log/field-value.ts';
import { notAvailable } from '../../lambda/flow-log/fields.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { kindOf, regionFields } from '../../lambda/flow-log/region-fields.ts';
import { tagFieldsOf } from '../../lambda/flow-log/tag-fields.ts';
import { isInAnyNetwork, type Network } from '../../lambda/networks/ip-address.ts';
import { fieldNamed, protocolNumber } from '../compile/taxonomy.ts';
import { type WrittenRegions, writtenRegions } from './example-regions.ts';

/** The time 0m of an example: Tuesday, 2026-11-24 00:00:00 UTC, in epoch seconds. */
export const exampleStart = 1_795_478_400;

/** The format of an example's lines: that of the deployed flow logs, with all fields that the setting `tagFields` adds. */
export const exampleFormat = parseFormat([...logFields, ...Object.values(tagFieldsOf).flat()].join(' ')) as Format;

/** The fields that are computed, not written. */
const computed = new Set(['version', 'start', 'end']);

const writtenFields = [...exampleFormat.names.filter((name) => !computed.has(name)), ...regionFields.keys()];

const fieldValue = z.union(
  [z.string(), z.number(), z.null()],
  'expected one value; write a range in quotes, such as "10.0.4.{1..12}"',
);

const canonicalFlowShape = z.strictObject({
  ...Object.fromEntries(writtenFields.map((name) => [name, fieldValue.optional()])),
  at: z.string('expected the time of its start, such as 0m, 10m or 1h30m').optional(),
  for: z.string('expected a duration such as 1m').optional(),
  repeat: z.number().int().min(1).optional(),
  every: z.string('expected a duration such as 10m').optional(),
});

/** The schema of a flow in an example. Fields may have any name that rules may use. */
export const flowShape = z.preprocess(withFlowLogNames, canonicalFlowShape);

function withFlowLogNames(flow: unknown): unknown {
  if (typeof flow !== 'object' || flow === null || Array.isArray(flow)) return flow;
  const named = Object.entries(flow).map(([name, value]): [string, unknown] => {
    const field = Object.hasOwn(canonicalFlowShape.shape, name) ? name : fieldNamed(name);
    return [typeof field === 'string' && !Object.hasOwn(flow, field) ? field : name, value];
  });
  return Object.fromEntries(named);
}

/** A flow as an example writes it. */
export type WrittenFlow = Readonly<Record<string, string | number | null | undefined>>;

/** One flow log line of an example. */
export interface ExampleFlow {
  /** Formatted each time it is read, since a check of the examples reads none of thousands. */
  readonly line: string;
  /** In epoch seconds. */
  readonly start: number;
  readonly end: number;
  /** The regions of its addresses that the example states. */
  readonly regions: WrittenRegions;
}

/** The maximum number of flows of one written flow, so that examples run in seconds. */
const maxFlows = 20_000;

/** The maximum time that a record covers (VPC User Guide, "Aggregation interval"). */
const maxFlowSeconds = 600;

export const maxOffsetSeconds = 400 * 86_400;

/**
 * Expands a written flow to flow log lines: one; one per value of its ranges; or the number that `repeat` states.
 *
 * @param inside the internal and monitored networks, which decide `flow-direction`
 * @param report receives each invalid field
 * @returns no flows after a mistake
 */
export function flowsOf(
  flow: WrittenFlow,
  inside: readonly Network[],
  report: (field: string, problem: string) => void,
): ExampleFlow[] {
  let isInvalid = false;
  const reject = (field: string, problem: string) => {
    isInvalid = true;
    report(field, problem);
  };
  const seconds = (field: string, defaultSeconds: number, max: number, min = 0) => {
    const text = flow[field];
    if (text === undefined) return defaultSeconds;
    const parsed = parseOffset(String(text));
    if (parsed !== undefined && parsed >= min && parsed <= max) return parsed;
    reject(field, offsetProblem(String(text), parsed, min, max));
    return defaultSeconds;
  };
  const at = seconds('at', 0, maxOffsetSeconds, -maxOffsetSeconds);
  const length = seconds('for', 60, maxFlowSeconds);
  const every = seconds('every', 0, maxOffsetSeconds);
  const values = writtenFields.flatMap((field): [string, string[]][] => {
    const value = flow[field];
    return value === undefined ? [] : [[field, valuesOf(field, value, (problem) => reject(field, problem))]];
  });
  const [widest, ranged] = values.reduce(
    (longest, value) => (value[1].length > longest[1].length ? value : longest),
    ['', ['']],
  );
  const count = Number(flow.repeat ?? ranged.length);
  if (count < ranged.length) {
    reject(
      'repeat',
      `expected at least ${ranged.length}: a range makes one flow per value, and ${widest} has ${ranged.length} values`,
    );
  } else if (count > maxFlows)
    reject(flow.repeat ? 'repeat' : widest, `${count} flows are too many, expected at most ${maxFlows}`);
  if (flow.every !== undefined && count === 1) reject('every', 'needs more than one flow; set repeat');
  if (isInvalid) return [];
  const namesRegions = values.some(([field]) => regionFields.has(field));
  return Array.from({ length: count }, (_, index) => {
    const start = exampleStart + at + index * every;
    const given = () => new Map(values.map(([field, all]) => [field, all[index % all.length]!]));
    return {
      get line() {
        return lineOf(given(), start, this.end, inside);
      },
      start,
      end: start + length,
      get regions() {
        return namesRegions ? writtenRegions(given(), (name) => endpointOf(given(), name)) : [];
      },
    };
  });
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses an offset such as `10m`, `1h30m` or `-8d`. @returns seconds; undefined for an invalid offset */
export function parseOffset(text: string): number | undefined {
  const match = /^(-?)((?:\d{1,9}[smhd])+)$/.exec(text);
  if (!match) return undefined;
  const parts = match[2]!.matchAll(/(\d+)([smhd])/g);
  const sum = parts.reduce((seconds, [, digits, unit]) => seconds + Number(digits) * unitSeconds[unit!]!, 0);
  return match[1] === '-' ? -sum : sum;
}

function offsetProblem(text: string, parsed: number | undefined, min: number, max: number): string {
  if (parsed === undefined)
    return `the time ${JSON.stringify(text)} is invalid: expected a form such as 30s, 10m, 1h30m or 8d`;
  const bound = max === maxFlowSeconds ? '10m, the longest time of a record' : `${max / 86_400}d`;
  return parsed < min && min === 0 ? `${text} is negative` : `${text} exceeds ${bound}`;
}

const numberRange = /^([^{}]*)\{(\d{1,9})\.\.(\d{1,9})\}([^{}]*)$/;
const valueList = /^([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)$/;

/** Returns the values of a field, in order: one, or those of a range such as `{1..12}` or `{22,80,443}`. */
function valuesOf(field: string, value: string | number | null, report: (problem: string) => void): string[] {
  if (value === null) return [notAvailable];
  const kind = kindOf(field)!;
  if (typeof value === 'number' && (kind === 'string' || kind === 'country' || !Number.isSafeInteger(value))) {
    report('YAML changes how this number is written; put it in quotes');
    return [''];
  }
  const values = expandRange(String(value));
  if (values === undefined) {
    report(
      `the range ${JSON.stringify(value)} is invalid: expected a form such as {1..12} or {22,80,443}, at most ${maxFlows} values`,
    );
    return [''];
  }
  const written = kind === 'protocol' ? values.map((text) => protocolNumber(text) ?? text) : values;
  // An example has the plain text of a tag, as rules do; a record has it percent-encoded.
  const encoded = isTagField(field) ? written.map(percentEncoded) : written;
  const checked = encoded.map((text) =>
    /^$|\s/.test(text) || text === notAvailable ? undefined : canonicalValue(text, kind),
  );
  const invalid = values[checked.indexOf(undefined)];
  if (invalid === undefined) return checked.filter((value) => value !== undefined);
  report(
    `${JSON.stringify(invalid)} is not ${expectedForm(kind)}${kind === 'protocol' ? ' or the name of a protocol such as tcp' : ''}${invalid === notAvailable ? '; write null for a field that is not available' : ''}`,
  );
  return [''];
}

/** Returns text as a flow log has it in a tag field. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Expands a range; undefined for an invalid range. */
function expandRange(text: string): string[] | undefined {
  if (!/[{}]/.test(text)) return [text];
  const [, before = '', middle, after = ''] = valueList.exec(text) ?? [];
  if (middle !== undefined) return middle.split(',').map((value) => `${before}${value.trim()}${after}`);
  const [, head = '', first, last, tail = ''] = numberRange.exec(text) ?? [];
  const length = Number(last) - Number(first) + 1;
  if (!(length >= 1 && length <= maxFlows)) return undefined;
  return Array.from({ length }, (_, index) => `${head}${Number(first) + index}${tail}`);
}

function lineOf(given: ReadonlyMap<string, string>, start: number, end: number, inside: readonly Network[]): string {
  const defaults = defaultsOf(given, inside);
  const times: Record<string, string> = { version: String(exampleFormat.version), start: `${start}`, end: `${end}` };
  return exampleFormat.names.map((name) => given.get(name) ?? times[name] ?? defaults[name] ?? notAvailable).join(' ');
}

/** The fields that say where a record is from, the same in every record. */
const origin: Record<string, string> = {
  'account-id': '123456789012',
  'interface-id': 'eni-0a1b2c3d4e5f60718',
  'instance-id': 'i-0a1b2c3d4e5f60718',
  'subnet-id': 'subnet-0a1b2c3d4e5f60718',
  'vpc-id': 'vpc-0a1b2c3d4e5f60718',
  'az-id': 'use1-az1',
  region: 'us-east-1',
  'log-status': 'OK',
};

/** Returns the endpoint that rules read: see endpointValue. */
function endpointOf(given: ReadonlyMap<string, string>, name: 'srcaddr' | 'dstaddr'): string {
  const ofPacket = given.get(`pkt-${name}`);
  if (ofPacket !== undefined && ofPacket !== notAvailable) return ofPacket;
  return given.get(name) ?? defaultEndpoints[name];
}

const defaultEndpoints = { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' } as const;

/** Protocol numbers of IANA: TCP, and the protocols without ports (ICMP, ICMPv6). */
const tcp = '6';
const portless = new Set(['1', '58']);

/** The first ephemeral port; lower ports belong to servers. */
const firstClientPort = 32_768;

/**
 * Returns the default fields of a flow: a short, complete TCP connection as its client sends it, logged at the endpoint
 * where it is counted. A record without traffic (`NODATA`, `SKIPDATA`) has only its origin and its time.
 */
function defaultsOf(given: ReadonlyMap<string, string>, inside: readonly Network[]): Record<string, string> {
  if ((given.get('log-status') ?? 'OK') !== 'OK') return origin;
  const isRejected = given.get('action') === 'REJECT';
  const srcaddr = given.get('srcaddr') ?? defaultEndpoints.srcaddr;
  const dstaddr = given.get('dstaddr') ?? defaultEndpoints.dstaddr;
  const protocol = given.get('protocol') ?? tcp;
  const srcport = given.get('srcport') ?? (portless.has(protocol) ? '0' : '50000');
  const dstport = given.get('dstport') ?? (portless.has(protocol) ? '0' : '443');
  const isReply = Number(srcport) < firstClientPort && Number(dstport) >= firstClientPort;
  const leaves = isRejected ? !isInAnyNetwork(dstaddr, inside) : isInAnyNetwork(srcaddr, inside);
  return {
    ...origin,
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
