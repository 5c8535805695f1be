import { type FieldKind, fields, isNumeric } from './fields.ts';

/** A field in the JSON of a decoded record, with what parts it from the one before. */
export interface JsonMember {
  /** Up to its value. */
  readonly prefix: string;
  /** All of it, where the value is not available. */
  readonly nullMember: string;
  readonly isNumber: boolean;
}

/** One flow log format: which field stands at which place of a line. */
export interface Format {
  readonly names: readonly string[];
  readonly kinds: readonly FieldKind[];
  /** The names as the decoded record writes them, `-` replaced by `_`. */
  readonly keys: readonly string[];
  /** How the decoded record writes the fields. */
  readonly members: readonly JsonMember[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** What the `version` field of its lines says: the highest version among the fields. */
  readonly version: number;
  /** Whether none of its lines can be a header: some field holds what is not just any text. */
  readonly hasTypedField: boolean;
}

/** The default format, version 2, in AWS's order (VPC User Guide, "Flow log records, default format"). */
export const defaultFormat =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

/**
 * Reads a format as AWS writes it (`${version} ${account-id} ...`) or as a header line does (`version account-id ...`);
 * commas may part the fields, and `_` stands for `-`.
 *
 * @returns the format, or what is wrong with the text
 */
export function parseFormat(text: string): Format | { readonly problem: string } {
  const names = text
    .split(/[\s,]+/)
    .filter((token) => token !== '')
    .map((token) => token.replace(/^\$\{(.*)\}$/, '$1').replaceAll('_', '-'));
  if (names.length === 0) return { problem: 'the format is empty, expected fields like ${version} ${account-id}' };
  const unknown = names.filter((name) => !fields.has(name));
  if (unknown.length > 0) {
    return { problem: `the format names ${quoted(unknown)}, expected fields that VPC Flow Logs publishes` };
  }
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) return { problem: `the format names ${quoted(twice)} twice` };
  return {
    names,
    kinds: names.map((name) => fields.get(name)!.kind),
    keys: names.map(keyOf),
    members: names.map(memberOf),
    indexOf: new Map(names.map((name, index) => [name, index])),
    version: Math.max(...names.map((name) => fields.get(name)!.since)),
    hasTypedField: names.some((name) => fields.get(name)!.kind !== 'string'),
  };
}

function keyOf(name: string): string {
  return name.replaceAll('-', '_');
}

function memberOf(name: string, index: number): JsonMember {
  const start = `${index === 0 ? '{' : ','}"${keyOf(name)}":`;
  return { prefix: start, nullMember: `${start}null`, isNumber: isNumeric(fields.get(name)!.kind) };
}

/**
 * Why formats of one stream cannot be told apart by what their lines say; empty when they can. Two formats can be when
 * they differ in length, or when some place holds values that the other format never has there.
 */
export function ambiguities(formats: readonly Format[]): string[] {
  const problems: string[] = [];
  for (const [first, a] of formats.entries()) {
    for (const [offset, b] of formats.slice(first + 1).entries()) {
      if (a.names.length !== b.names.length || a.names.some((_, place) => neverShared(a, b, place))) continue;
      problems.push(
        `formats ${first + 1} and ${first + offset + 2} cannot be told apart: both have ${a.names.length} fields, and ` +
          'no place of a line decides; add a field to one of them or give each a stream of its own',
      );
    }
  }
  return problems;
}

/** A line always has these, also where nothing was recorded; any other field may be `-`. */
export const alwaysPresent: ReadonlySet<string> = new Set(['version', 'start', 'end', 'log-status']);

function neverShared(a: Format, b: Format, place: number): boolean {
  const names = [a.names[place]!, b.names[place]!] as const;
  if (!names.some((name) => alwaysPresent.has(name))) return false;
  if (names.every((name) => name === 'version')) return a.version !== b.version;
  return disjoint(a.kinds[place]!, b.kinds[place]!);
}

function disjoint(a: FieldKind, b: FieldKind): boolean {
  if (a === 'string' || b === 'string') return false;
  if (Array.isArray(a) && Array.isArray(b)) return !a.some((value) => b.includes(value));
  if (Array.isArray(a) || Array.isArray(b)) return true;
  return (a === 'address') !== (b === 'address');
}

/** Whether a line is a header: each of its words names a field. */
export function isHeader(tokens: readonly string[]): boolean {
  return tokens.length > 1 && tokens.every((token) => fields.has(token));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
