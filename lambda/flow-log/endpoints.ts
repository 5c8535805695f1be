import { type FieldReader, type Flow, fieldOf, fieldReader } from './flow.ts';
import type { Format } from './format.ts';

/**
 * The value of a field as counting and rules see it: the field's own, but for `srcaddr` and `dstaddr` the true ends of
 * the flow, which `pkt-srcaddr` and `pkt-dstaddr` name where the format has them: behind a NAT gateway or a transit
 * gateway the plain addresses are those of an interface on the way (VPC User Guide, "Flow log records").
 */
export function endpointValue(flow: Flow, name: string): string | undefined {
  if (name === 'srcaddr') return fieldOf(flow, 'pkt-srcaddr') ?? fieldOf(flow, name);
  if (name === 'dstaddr') return fieldOf(flow, 'pkt-dstaddr') ?? fieldOf(flow, name);
  return fieldOf(flow, name);
}

/** Reads one field of many flows: what countedValue says. */
export function endpointReader(name: string): FieldReader {
  const own = fieldReader(name);
  if (name !== 'srcaddr' && name !== 'dstaddr') return own;
  const trueEnd = fieldReader(`pkt-${name}`);
  return (flow) => trueEnd(flow) ?? own(flow);
}

/**
 * Both ends as they are counted, the source first, with a blank between: where they stand side by side in the record, a
 * piece of its text. Undefined where one is not available.
 */
export function pairOf(flow: Flow): string | undefined {
  if (flow.format !== indexesOf?.format) indexesOf = endpointIndexes(flow.format);
  const src = indexesOf.src.find((place) => flow.isAvailable(place));
  const dst = indexesOf.dst.find((place) => flow.isAvailable(place));
  if (src === undefined || dst === undefined) return undefined;
  return dst === src + 1 ? flow.span(src, dst) : `${flow.value(src)} ${flow.value(dst)}`;
}

/** Where a format has the ends, the true ones first. */
interface EndpointIndexes {
  readonly format: Format;
  readonly src: readonly number[];
  readonly dst: readonly number[];
}

let indexesOf: EndpointIndexes | undefined;

function endpointIndexes(format: Format): EndpointIndexes {
  const places = (...names: string[]) => names.flatMap((name) => format.indexOf.get(name) ?? []);
  return { format, src: places('pkt-srcaddr', 'srcaddr'), dst: places('pkt-dstaddr', 'dstaddr') };
}
