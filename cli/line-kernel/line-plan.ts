import { maxOf } from '../../lambda/flow-log/field-value.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';

/** A field whose value the kernel checks to be a whole number up to a limit. */
export interface NumberField {
  readonly field: number;
  readonly limit: number;
}

/** How the kernel reads the lines of a format: the indexes of fields, -1 if the format lacks the field. */
export interface LinePlan {
  readonly format: Format;
  readonly numbers: readonly NumberField[];
  /** Fields of any text. */
  readonly texts: readonly number[];
  /** Whether a line may have as many names of fields as a header: `readHeader` of flow-files/formats/text-reader.ts. */
  readonly mayBeHeader: boolean;
  readonly srcaddr: number;
  readonly dstaddr: number;
  readonly pktSrcaddr: number;
  readonly pktDstaddr: number;
  readonly action: number;
  readonly logStatus: number;
  readonly flowDirection: number;
  /** The versions of other formats: a line with one of them takes the slow path. */
  readonly foreignVersions: readonly number[];
}

/** The words that the kernel knows, in `assembly/read-lines.ts`. */
const wordFields: ReadonlySet<string> = new Set(['action', 'log-status', 'flow-direction']);

/**
 * Returns the plan of a file's first format. Undefined if all lines must take the slow path: they have no `start` and
 * `end`, no source or no destination, or another format has the same number of fields.
 */
export function linePlan({ own, stream }: LineFormats): LinePlan | undefined {
  const format = own[0]!;
  const { names, kinds } = format;
  const indexOf = (name: string) => format.indexOf.get(name) ?? -1;
  const [packetSource, source] = [indexOf('pkt-srcaddr'), indexOf('srcaddr')];
  const [packetDestination, destination] = [indexOf('pkt-dstaddr'), indexOf('dstaddr')];
  if (indexOf('start') < 0 || indexOf('end') < 0) return undefined;
  if (Math.max(packetSource, source) < 0 || Math.max(packetDestination, destination) < 0) return undefined;
  const others = [...own, ...stream.formats].filter((other) => !isSameFormat(other, format));
  // If lines are rewritten, the formats of other files do not affect these lines.
  const competing = stream.common ? own.filter((other) => !isSameFormat(other, format)) : others;
  if (competing.some((other) => other.names.length === names.length)) return undefined;
  const isWord = (name: string) => wordFields.has(name);
  const isNumber = (name: string) => typeof limitOf(kinds[indexOf(name)] as string) === 'number';
  const isText = (name: string) => kinds[indexOf(name)] === 'string';
  const isAddress = (name: string) => kinds[indexOf(name)] === 'address';
  if (!names.every((name) => isWord(name) || isNumber(name) || isText(name) || isAddress(name))) return undefined;
  const texts = names.filter(isText).map(indexOf);
  return {
    format,
    numbers: names.filter(isNumber).map((name) => ({
      field: indexOf(name),
      limit: limitOf(kinds[indexOf(name)] as string)!,
    })),
    texts,
    mayBeHeader: isText(names[0]!) && texts.length >= Math.max(2, names.length / 2),
    // Without the field of an interface, the packet's address is the only one.
    ...(source < 0 ? { srcaddr: packetSource, pktSrcaddr: -1 } : { srcaddr: source, pktSrcaddr: packetSource }),
    ...(destination < 0
      ? { dstaddr: packetDestination, pktDstaddr: -1 }
      : { dstaddr: destination, pktDstaddr: packetDestination }),
    action: indexOf('action'),
    logStatus: indexOf('log-status'),
    flowDirection: indexOf('flow-direction'),
    foreignVersions: others.map(({ version }) => version).filter((version) => version !== format.version),
  };
}

/** Fifteen digits are exact as a number; a time of more than eleven digits is in milliseconds. */
const limits: Partial<Record<string, number>> = { ...maxOf, int64: 999_999_999_999_999, seconds: 99_999_999_999 };

function limitOf(kind: string): number | undefined {
  return limits[kind];
}
