import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { StreamFormats } from '../flow-files/formats/common-format.ts';

/** What formats the lines of a file may have. */
export interface LineFormats {
  /** The one that its header states, or else those of lines without a header. */
  readonly own: readonly Format[];
  /** Those of all files together. */
  readonly stream: StreamFormats;
}

/** The formats as texts, to be passed to another thread. */
export interface LineFormatTexts {
  readonly own: readonly string[];
  readonly formats: readonly string[];
  readonly common: string | undefined;
}

export function formatTexts({ own, stream }: LineFormats): LineFormatTexts {
  const { formats, common } = stream;
  return { own: own.map(textOf), formats: formats.map(textOf), common: common && textOf(common) };
}

/** The formats that another thread passed. */
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
