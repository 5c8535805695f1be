import type { z } from 'zod';

/** The words of YAML for the types of a schema. */
const words: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/**
 * Describes a mistake for which a schema has no message.
 *
 * @returns the text; undefined for zod's default message
 */
export const shapeProblem: z.core.$ZodErrorMap = (issue) => {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined
        ? 'is missing'
        : `expected ${words[issue.expected] ?? issue.expected}, got ${shown(input)}`;
    case 'invalid_value': {
      const expected = `expected one of ${issue.values.join(', ')}`;
      return input === undefined ? `is missing, ${expected}` : `${expected}, got ${shown(input)}`;
    }
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_key':
      return issue.issues[0]?.message;
    case 'invalid_format':
      return issue.format === 'uuid' ? 'expected a UUID such as 7b9b3c2f-3e6d-4b62-9d0a-9f8c1e5a7406' : undefined;
    default:
      return undefined;
  }
};

function unitOf(origin: string, count: number | bigint): string {
  const isOne = Number(count) === 1;
  if (origin === 'string') return isOne ? ' character' : ' characters';
  return origin === 'array' ? (isOne ? ' entry' : ' entries') : '';
}

/** Shows a value, truncated; a list or a map only by its kind. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}
