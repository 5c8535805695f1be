import { type FieldReader, type Flow, fieldOf, fieldReader } from './flow.ts';
import type { Format } from './format.ts';

/**
 * Returns the value of a field for counting and rules. For `srcaddr` and `dstaddr` this is the flow's endpoint, from
 * `pkt-srcaddr` or `pkt-dstaddr` if available. Behind a NAT gateway or a transit gateway, `srcaddr` and `dstaddr` may
 * be those of an intermediate interface (VPC User Guide, "Flow log records").
 */
export function endpointValue(flow: Flow, name: string): string | undefined {
  if (name === 'srcaddr') return fieldOf(flow, 'pkt-srcaddr') ?? fieldOf(flow, name);
  if (name === 'dstaddr') return fieldOf(flow, 'pkt-dstaddr') ?? fieldOf(flow, name);
  return fieldOf(flow, name);
}

/**
 * Returns the endpoint whose interface logged the flow: the source at egress, the destination at ingress. The fields
 * `interface-id`, `instance-id`, `subnet-id` and `vpc-id` belong to that interface. Undefined if the format has no
 * direction, or if the packet's address is a different one, as behind a NAT gateway.
 */
export function loggingEndpoint(flow: Flow): 'src' | 'dst' | undefined {
  const direction = fieldOf(flow, 'flow-direction');
  const end = direction === 'egress' ? 'src' : direction === 'ingress' ? 'dst' : undefined;
  return end && endpointValue(flow, `${end}addr`) === fieldOf(flow, `${end}addr`) ? end : undefined;
}

/** Makes a reader of one field of many flows; the reader returns the same values as endpointValue. */
export function endpointReader(name: string): FieldReader {
  const plainValue = fieldReader(name);
  if (name !== 'srcaddr' && name !== 'dstaddr') return plainValue;
  const packetAddress = fieldReader(`pkt-${name}`);
  return (flow) => packetAddress(flow) ?? plainValue(flow);
}

/**
 * Returns both endpoints, the source first, with a blank between; undefined if one is not available. If the two are
 * adjacent in the record, this is one slice of its text.
 */
export function pairOf(flow: Flow): string | undefined {
  if (flow.format !== lastIndexes?.format) lastIndexes = endpointIndexes(flow.format);
  const src = lastIndexes.src.find((index) => flow.isAvailable(index));
  const dst = lastIndexes.dst.find((index) => flow.isAvailable(index));
  if (src === undefined || dst === undefined) return undefined;
  return dst === src + 1 ? flow.span(src, dst) : `${flow.value(src)} ${flow.value(dst)}`;
}

/** The indexes of a format's endpoint fields, those of `pkt-srcaddr` and `pkt-dstaddr` first. */
interface EndpointIndexes {
  readonly format: Format;
  readonly src: readonly number[];
  readonly dst: readonly number[];
}

/** The indexes of the last format, since most flows of a batch have the same one. */
let lastIndexes: EndpointIndexes | undefined;

function endpointIndexes(format: Format): EndpointIndexes {
  const indexes = (...names: string[]) => names.flatMap((name) => format.indexOf.get(name) ?? []);
  return { format, src: indexes('pkt-srcaddr', 'srcaddr'), dst: indexes('pkt-dstaddr', 'dstaddr') };
}
