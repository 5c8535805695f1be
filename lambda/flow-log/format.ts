import { type FieldKind, fields, isNumeric } from './fields.ts';

/** The JSON text around a field's value in a lake row. */
export interface JsonMember {
  /** The text before the value: `{` or `,`, and the key. */
  readonly prefix: string;
  /** The prefix and `null`, for a value that is not available. */
  readonly nullMember: string;
  readonly isNumber: boolean;
}

/** A flow log format: the fields of its lines in their order. */
export interface Format {
  readonly names: readonly string[];
  readonly kinds: readonly FieldKind[];
  /** The keys of a lake row: the names with `_` for `-`. */
  readonly keys: readonly string[];
  /** The members of a lake row, in the order of the fields. */
  readonly members: readonly JsonMember[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** The `version` in a line: the highest version of the fields. */
  readonly version: number;
  /** True if some field's kind is not `string`: a line of the format then cannot be a header. */
  readonly hasTypedField: boolean;
}

/** The default format, version 2, in AWS's order (VPC User Guide, "Flow log records, default format"). */
export const defaultFormat =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

/**
 * Parses a format in AWS's syntax (`${version} ${account-id} ...`) or a header line's (`version account-id ...`). Commas
 * may separate the fields, and `_` is read as `-`.
 *
 * @returns the format, or the problem of the text
 */
export function parseFormat(text: string): Format | { readonly problem: string } {
  const names = text
    .split(/[\s,]+/)
    .filter((token) => token !== '')
    .map((token) => token.replace(/^\$\{(.*)\}$/, '$1').replaceAll('_', '-'));
  if (names.length === 0) return { problem: 'the format is empty, expected fields like ${version} ${account-id}' };
  const unknown = names.filter((name) => !fields.has(name));
  if (unknown.length > 0) {
    return { problem: `the format has unknown fields: got ${quoted(unknown)}, expected names of VPC Flow Logs fields` };
  }
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) return { problem: `the format has duplicate fields: ${quoted(repeated)}` };
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
  const prefix = `${index === 0 ? '{' : ','}"${keyOf(name)}":`;
  return { prefix, nullMember: `${prefix}null`, isNumber: isNumeric(fields.get(name)!.kind) };
}

/**
 * Returns a problem for each two formats of one stream whose lines look the same. Formats differ if they have another
 * number of fields, or if a field's values in one format are invalid in the other.
 */
export function ambiguities(formats: readonly Format[]): string[] {
  const problems: string[] = [];
  for (const [first, a] of formats.entries()) {
    for (const [offset, b] of formats.slice(first + 1).entries()) {
      if (a.names.length !== b.names.length || a.names.some((_, field) => neverShared(a, b, field))) continue;
      problems.push(
        `formats ${first + 1} and ${first + offset + 2} are ambiguous: both have ${a.names.length} fields, ` +
          'and a line can be valid in both; add a field to one of them, or use a separate stream for each',
      );
    }
  }
  return problems;
}

/** Fields that every line has, even with the status NODATA or SKIPDATA; any other field may be `-`. */
export const alwaysPresent: ReadonlySet<string> = new Set(['version', 'start', 'end', 'log-status']);

/** Returns whether the formats have no valid value of the field at an index in common. */
function neverShared(a: Format, b: Format, index: number): boolean {
  const names = [a.names[index]!, b.names[index]!] as const;
  if (!names.some((name) => alwaysPresent.has(name))) return false;
  if (names.every((name) => name === 'version')) return a.version !== b.version;
  return disjoint(a.kinds[index]!, b.kinds[index]!);
}

function disjoint(a: FieldKind, b: FieldKind): boolean {
  if (a === 'string' || b === 'string') return false;
  if (Array.isArray(a) && Array.isArray(b)) return !a.some((value) => b.includes(value));
  if (Array.isArray(a) || Array.isArray(b)) return true;
  return (a === 'address') !== (b === 'address');
}

/** Returns whether a line is a header: each token is the name of a field. */
export function isHeader(tokens: readonly string[]): boolean {
  return tokens.length > 1 && tokens.every((token) => fields.has(token));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
