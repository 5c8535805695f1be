import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { StreamFormats } from '../flow-files/formats/common-format.ts';

/** The formats that the lines of a file may have. */
export interface LineFormats {
  /** The format that the header states, or else the formats of lines without a header. */
  readonly own: readonly Format[];
  /** The formats of all files. */
  readonly stream: StreamFormats;
}

/** The formats as texts, for another thread. */
export interface LineFormatTexts {
  readonly own: readonly string[];
  readonly formats: readonly string[];
  readonly common: string | undefined;
}

export function formatTexts({ own, stream }: LineFormats): LineFormatTexts {
  const { formats, common } = stream;
  return { own: own.map(textOf), formats: formats.map(textOf), common: common && textOf(common) };
}

/** Parses the formats from another thread. */
export function readFormatTexts({ own, formats, common }: LineFormatTexts): LineFormats {
  return {
    own: own.map(read),
    stream: { formats: formats.map(read), common: common === undefined ? common : read(common) },
  };
}

export function isSameFormat(one: Format, other: Format): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ names }: Format): string {
  return names.join(' ');
}

function read(text: string): Format {
  return parseFormat(text) as Format;
}
