/** Text on one line that holds nothing but what prints: what a log or a rule says must not shape what we say. */
export function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
    .trim();
}

/** Text that is no longer than so many characters. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** Text that is safe in a mail's subject: printable ASCII, shorter than 100 characters, a letter or digit first. */
export function subjectOf(text: string): string {
  const ascii = printable(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/^[^A-Za-z0-9]+/, '');
  const subject = ascii === '' ? 'Alert' : ascii;
  return truncate(subject, 99);
}

/** `10.0.1.5 -> 192.0.2.80` for a pair, `10.0.1.5` for a source, `dstport 22, ...` for another group. */
export function groupName(key: Readonly<Record<string, string>>): string {
  const { srcaddr: src, dstaddr: dst } = key;
  const size = Object.keys(key).length;
  if (src !== undefined && size === 1) return printable(src);
  if (src !== undefined && dst !== undefined && size === 2) return `${printable(src)} -> ${printable(dst)}`;
  return Object.entries(key)
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ');
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join();
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** `1 rule`, `2 rules`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
