import fc from 'fast-check';
import { isCounted } from '../../lambda/flow-log/contribution.ts';
import type { Flow } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { type Line, parseLine } from '../../lambda/parse/parse-line.ts';
import { toLakeRow } from '../../lambda/respond/lake-row.ts';

/** Lines and flows for tests. */

/** 2026-11-24 09:00:00 UTC, in epoch seconds. */
export const epoch = 1_795_510_800;

/** Parses a format; throws if it is invalid. */
export function formatOf(text: string): Format {
  const format = parseFormat(text);
  if ('problem' in format) throw new Error(format.problem);
  return format;
}

export const v2 = formatOf(defaultFormat);

/** A format with direction and packet addresses. */
export const directed = formatOf(`${defaultFormat} flow-direction pkt-srcaddr pkt-dstaddr`);

const defaults: Record<string, string | number> = {
  version: 2,
  'account-id': '123456789012',
  'interface-id': 'eni-0a1b2c3d4e5f60718',
  srcaddr: '10.0.1.5',
  dstaddr: '10.0.2.7',
  srcport: 50_000,
  dstport: 443,
  protocol: 6,
  packets: 10,
  bytes: 1000,
  start: epoch,
  end: epoch + 50,
  action: 'ACCEPT',
  'log-status': 'OK',
};

/** Makes a line of default values, some of them replaced; a field without a default is not available. */
export function lineOf(values: Record<string, string | number> = {}, format: Format = v2): string {
  return format.names.map((name) => values[name] ?? defaults[name] ?? '-').join(' ');
}

/** Parses a line with these values. */
export function flowOf(values: Record<string, string | number> = {}, format: Format = v2): Flow {
  const line = parseLine(lineOf(values, format), [format]);
  if (line.kind !== 'flow') throw new Error(JSON.stringify(line));
  return line.flow;
}

/** Returns a comparable line: with all values of the flow, which are otherwise sliced when they are read. */
export function plainLine(line: Line) {
  return line.kind === 'flow' ? { kind: 'flow', format: line.flow.format, values: line.flow.values } : line;
}

/** Returns the row of the lake of a line. */
export function lakeRowOf(line: Line, monitored: readonly Network[] = []): string {
  return toLakeRow(line, line.kind === 'flow' && isCounted(line.flow, monitored));
}

/** Makes a transformation event of lines, in the payloads that VPC Flow Logs sends. */
export function eventOf(lines: readonly string[], arrival: number = epoch + 120) {
  return {
    invocationId: 'invocation',
    deliveryStreamArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/flow-sentinel',
    region: 'us-east-1',
    records: lines.map((line, index) => ({
      recordId: `record-${index}`,
      approximateArrivalTimestamp: arrival * 1000,
      data: Buffer.from(`${JSON.stringify({ message: line })}\n`).toString('base64'),
    })),
  };
}

/** Values of flows between a few hosts within a day: the fields that counting and rules read vary. */
export const anyFlowValues = fc.record({
  srcaddr: fc.constantFrom('10.0.1.5', '10.0.1.6', '203.0.113.9', '2001:db8::1', '-'),
  dstaddr: fc.constantFrom('10.0.2.7', '10.0.2.8', '198.51.100.3', 'fc00::7', '-'),
  dstport: fc.constantFrom(22, 443, 3389, 8080),
  bytes: fc.oneof(
    fc.integer({ min: 0, max: 200_000_000 }),
    fc.constantFrom('9007199254740991', '9223372036854775807', '-'),
  ),
  end: fc.integer({ min: epoch, max: epoch + 86_400 }),
  action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
});
