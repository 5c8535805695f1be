import { type FieldReader, type Flow, fieldOf, fieldReader } from './flow.ts';
import type { Format } from './format.ts';

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

/**
 * Both ends as they are counted, the source first, with a blank between: where they stand side by side in the record, a
 * piece of its text. Undefined where one is not available.
 */
export function pairOf(flow: Flow): string | undefined {
  if (flow.format !== placesOf?.format) placesOf = endPlaces(flow.format);
  const src = placesOf.src.find((place) => flow.isAvailable(place));
  const dst = placesOf.dst.find((place) => flow.isAvailable(place));
  if (src === undefined || dst === undefined) return undefined;
  return dst === src + 1 ? flow.span(src, dst) : `${flow.value(src)} ${flow.value(dst)}`;
}

/** Where a format has the ends, the true ones first. */
interface EndPlaces {
  readonly format: Format;
  readonly src: readonly number[];
  readonly dst: readonly number[];
}

let placesOf: EndPlaces | undefined;

function endPlaces(format: Format): EndPlaces {
  const places = (...names: string[]) => names.flatMap((name) => format.indexOf.get(name) ?? []);
  return { format, src: places('pkt-srcaddr', 'srcaddr'), dst: places('pkt-dstaddr', 'dstaddr') };
}
