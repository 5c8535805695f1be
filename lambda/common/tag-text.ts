const hex = '[0-9a-f]';
const next = `%[89ab]${hex}`;

/** A percent-encoded character of UTF-8 (RFC 3986, section 2.1; RFC 3629, section 4). */
const encodedCharacter = new RegExp(
  [
    `%[0-7]${hex}`,
    `%(?:c[2-9a-f]|d${hex})${next}`,
    `%(?:e0%[ab]${hex}|ed%[89]${hex}|e[1-9abcef]${next})${next}`,
    `%(?:f0%[9ab]${hex}|f[1-3]${next}|f4%8${hex})(?:${next}){2}`,
  ].join('|'),
  'gi',
);

/** Returns whether a field of flow logs has the value of a tag: `instance-tag`, `asg-tag-2`. */
export function isTagField(name: string): boolean {
  return /^(?:instance|interface|asg)-tag(?:-2)?$/.test(name);
}

/**
 * Returns the text of a tag field, whose values are percent-encoded (VPC User Guide, "Flow log records", version 11).
 * A percent sign that begins no encoded character stays as it is. Never throws.
 */
export function tagText(value: string): string {
  return value.includes('%') ? value.replace(encodedCharacter, (one) => decodeURIComponent(one)) : value;
}

/** Returns a value as people read it: the text of a tag field, any other value as it is. */
export function readableValue(field: string, value: string): string {
  return isTagField(field) ? tagText(value) : value;
}
