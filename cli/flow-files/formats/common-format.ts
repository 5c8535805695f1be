import { fields, notAvailable } from '../../../lambda/flow-log/fields.ts';
import { ambiguities, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';

/** The formats that the files of a stream state. */
export interface StatedFormats {
  /** Formats of Firehose records, which are passed on unchanged. */
  readonly ofRecords: readonly Format[];
  /** Formats of files of lines, which can be rewritten. */
  readonly ofLines: readonly Format[];
  /** Sets of fields whose values come with names, as in JSON and Parquet, and have no order. */
  readonly ofNames: readonly ReadonlySet<string>[];
  /** Whether lines have another version than their fields imply. */
  readonly hasOddVersion?: boolean | undefined;
}

/** The formats of a stream, and the common format of all lines outside Firehose records, if one is needed. */
export interface StreamFormats {
  readonly formats: readonly Format[];
  readonly common: Format | undefined;
}

/** Upper bound of the formats of a stream, because each line is compared with all of them. */
const maxFormats = 16;

/**
 * Finds unambiguous formats for a stream. Lines are rewritten in one format with all fields if the stated formats are
 * ambiguous. The same holds for several formats if values come with names, or with another version than their fields
 * imply.
 */
export function streamFormats({ ofRecords, ofLines, ofNames, hasOddVersion }: StatedFormats): StreamFormats {
  const named = ofNames.map((names) => withNames(names, ofLines) ?? inPublishedOrder(names));
  const rewritable = distinct([...ofLines, ...named]);
  const all = distinct([...ofRecords, ...rewritable]);
  const isClear = all.length <= maxFormats && ambiguities(all).length === 0;
  if (all.length < 2 || (isClear && ofNames.length === 0 && !hasOddVersion)) return { formats: all, common: undefined };
  const common = ofAnotherLength(ofRecords, new Set(rewritable.flatMap(({ names }) => names)));
  return { formats: [...ofRecords, common], common };
}

/** Returns a format of the fields, in the order in which AWS publishes them. */
function inPublishedOrder(names: ReadonlySet<string>): Format {
  const ordered = [...fields.keys()].filter((name) => names.has(name));
  const format = parseFormat(ordered.join(' '));
  if ('problem' in format) throw new Error(format.problem);
  return format;
}

/** Returns the format with exactly these fields. */
function withNames(names: ReadonlySet<string>, formats: readonly Format[]): Format | undefined {
  return formats.find((format) => format.names.length === names.size && format.names.every((name) => names.has(name)));
}

/** Returns a format with the fields, and with further ones until its length is unique: then it is unambiguous. */
function ofAnotherLength(others: readonly Format[], names: ReadonlySet<string>): Format {
  const lengths = new Set(others.map((format) => format.names.length));
  const wider = new Set(names);
  const further = [...others.flatMap((format) => format.names), ...fields.keys()];
  for (const name of further) {
    if (!lengths.has(wider.size)) break;
    wider.add(name);
  }
  return inPublishedOrder(wider);
}

function distinct(formats: readonly Format[]): Format[] {
  return [...new Map(formats.map((format) => [format.names.join(' '), format])).values()];
}

/** Returns the value of a field by its name; undefined if the field is missing. */
export type FieldValue = (name: string) => string | undefined;

/**
 * Returns a function that writes lines in a format, with `-` for a missing field. The version stays, unless another
 * format of the stream has it: then the line gets the version that AWS gives to its fields.
 */
export function lineWriter(format: Format, formats: readonly Format[]): (fieldValue: FieldValue) => string {
  const replaced = versionsToReplace(format, formats);
  return (fieldValue) =>
    format.names
      .map((name) => {
        const value = fieldValue(name) ?? notAvailable;
        return name === 'version' && replaced.has(value) ? String(format.version) : value;
      })
      .join(' ');
}

/** Returns the versions of the other formats, which lines of this format must not have (lambda/parse/parse-line.ts). */
export function versionsToReplace(format: Format, formats: readonly Format[]): ReadonlySet<string> {
  const others = formats.filter(({ version }) => version !== format.version);
  return new Set(others.map(({ version }) => String(version)));
}

/** Returns the format with exactly these fields, or else with the most of them; without formats, a new one. */
export function closestFormat(names: ReadonlySet<string>, formats: readonly Format[]): Format {
  const rated = formats.map((format) => ({
    format,
    lacking: names.size - format.names.filter((name) => names.has(name)).length,
    length: format.names.length,
  }));
  const [best] = rated.sort((a, b) => a.lacking - b.lacking || a.length - b.length);
  return best?.format ?? inPublishedOrder(names);
}
