import { readableValue } from './tag-text.ts';

/** Returns text on one line without unprintable characters: text of a log or a rule must not shape our output. */
export function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
    .trim();
}

/** Shortens text to a maximum number of characters; the last three of a shortened text are dots. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** Shortens text from its start; the first three characters of a shortened text are dots. */
export function truncateStart(text: string, length: number): string {
  return text.length <= length ? text : `...${text.slice(3 - length)}`;
}

/** Returns a valid SNS subject: printable ASCII, less than 100 characters, a letter or a digit first. */
export function subjectOf(text: string): string {
  const ascii = printable(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/^[^A-Za-z0-9]+/, '');
  const subject = ascii === '' ? 'Alert' : ascii;
  return truncate(subject, 99);
}

/**
 * Formats a group: `10.0.1.5 -> 192.0.2.80` for a pair, `10.0.1.5` for a source, `dstport 22, ...` for others. A scope
 * follows: `10.0.1.5 in 123456789012/vpc-0a`. Values of tag fields are decoded.
 */
export function groupName(key: Values, scope?: Values): string {
  if (scope) return `${groupName(key)} in ${scopeName(scope)}`;
  const { srcaddr: src, dstaddr: dst } = key;
  const size = Object.keys(key).length;
  if (src !== undefined && size === 1) return printable(src);
  if (src !== undefined && dst !== undefined && size === 2) return `${printable(src)} -> ${printable(dst)}`;
  return Object.entries(key)
    .map(([name, value]) => `${name} ${printable(readableValue(name, value))}`)
    .join(', ');
}

/** Formats a scope, a KeyScope of flow-log/scope.ts: `123456789012`, or `123456789012/vpc-0a`. */
export function scopeName(scope: Values): string {
  return printable(Object.values(scope).join('/'));
}

/** Values by the names of their fields. */
type Values = Readonly<Record<string, string>>;

/** Joins items as a list in a sentence: `a`, `a and b`, `a, b and c`. */
export function enumerated(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join();
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** Formats a count with its noun: `1 rule`, `2 rules`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
