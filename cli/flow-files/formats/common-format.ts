import { fields, notAvailable } from '../../../lambda/flow-log/fields.ts';
import { ambiguities, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';

/** What the files of a stream have in them. */
export interface StatedFormats {
  /** Formats of Firehose records, which go on as they came. */
  readonly ofRecords: readonly Format[];
  /** Formats of files of lines, which can be written anew. */
  readonly ofLines: readonly Format[];
  /** Sets of fields whose values have names, as JSON and Parquet do, so that they have no order of their own. */
  readonly ofNames: readonly ReadonlySet<string>[];
  /** Whether lines have a version that is not that of their fields. */
  readonly hasOddVersion?: boolean | undefined;
}

/** The formats of a stream, and the one that all lines are to have which are no Firehose records, if they must be alike. */
export interface StreamFormats {
  readonly formats: readonly Format[];
  readonly common: Format | undefined;
}

/** More formats than this make every line that is read be held against too many. */
const maxFormats = 16;

/**
 * Finds formats for a stream that can be told apart. Where those that the files have cannot be, or there are several and
 * fields come by their names or with another version than theirs, lines are written anew in one format with the fields of
 * all.
 */
export function streamFormats({ ofRecords, ofLines, ofNames, hasOddVersion }: StatedFormats): StreamFormats {
  const named = ofNames.map((names) => withNames(names, ofLines) ?? inPublishedOrder(names));
  const own = distinct([...ofLines, ...named]);
  const all = distinct([...ofRecords, ...own]);
  const isClear = all.length <= maxFormats && ambiguities(all).length === 0;
  if (all.length < 2 || (isClear && ofNames.length === 0 && !hasOddVersion)) return { formats: all, common: undefined };
  const common = unlike(ofRecords, new Set(own.flatMap(({ names }) => names)));
  return { formats: [...ofRecords, common], common };
}

/** A format of the fields, in the order in which they are published. */
function inPublishedOrder(names: ReadonlySet<string>): Format {
  const ordered = [...fields.keys()].filter((name) => names.has(name));
  const format = parseFormat(ordered.join(' '));
  if ('problem' in format) throw new Error(format.problem);
  return format;
}

/** One of the formats that has just these fields. */
function withNames(names: ReadonlySet<string>, formats: readonly Format[]): Format | undefined {
  return formats.find((format) => format.names.length === names.size && format.names.every((name) => names.has(name)));
}

/** Formats can be told apart whatever their lines lack when they differ in length, so further fields may be added. */
function unlike(others: readonly Format[], names: ReadonlySet<string>): Format {
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

/** The value of a field by its name; undefined where there is none. */
export type FieldValue = (name: string) => string | undefined;

/**
 * Writes lines in a format: of a field that is not there, `-`. A line's version stays, unless a line of another format of
 * the stream would have it: then it is that of the fields, as AWS gives it.
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

/** Versions that lines of other formats of the stream have, and one of this format must not (lambda/parse/parse-line.ts). */
export function versionsToReplace(format: Format, formats: readonly Format[]): ReadonlySet<string> {
  const others = formats.filter(({ version }) => version !== format.version);
  return new Set(others.map(({ version }) => String(version)));
}

/** The format with just these fields, or else the one with the most of them, or else one of their own. */
export function closestFormat(names: ReadonlySet<string>, formats: readonly Format[]): Format {
  const rated = formats.map((format) => ({
    format,
    lacking: names.size - format.names.filter((name) => names.has(name)).length,
    length: format.names.length,
  }));
  const [best] = rated.sort((a, b) => a.lacking - b.lacking || a.length - b.length);
  return best?.format ?? inPublishedOrder(names);
}
