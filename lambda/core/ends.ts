import { type FieldReader, type Flow, fieldOf, fieldReader } from './flow.ts';

/**
 * The value of a field as counting and rules see it: the field's own, but for `srcaddr` and `dstaddr` the true ends of
 * the flow, which `pkt-srcaddr` and `pkt-dstaddr` name where the format has them: behind a NAT gateway or a transit
 * gateway the plain addresses are those of an interface on the way (VPC User Guide, "Flow log records").
 */
export function countedValue(flow: Flow, name: string): string | undefined {
  if (name === 'srcaddr') return fieldOf(flow, 'pkt-srcaddr') ?? fieldOf(flow, name);
  if (name === 'dstaddr') return fieldOf(flow, 'pkt-dstaddr') ?? fieldOf(flow, name);
  return fieldOf(flow, name);
}

/** Reads one field of many flows: what countedValue says. */
export function countedReader(name: string): FieldReader {
  const own = fieldReader(name);
  if (name !== 'srcaddr' && name !== 'dstaddr') return own;
  const trueEnd = fieldReader(`pkt-${name}`);
  return (flow) => trueEnd(flow) ?? own(flow);
}
