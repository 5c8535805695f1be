import type { z } from 'zod';

/** A type as people who write YAML call it. */
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
 * What is wrong with a value's shape, in words: for whatever a schema has no words of its own for.
 *
 * @returns the text; undefined leaves it to zod
 */
export const shapeProblem: z.core.$ZodErrorMap = (issue) => {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined
        ? 'is missing'
        : `expected ${words[issue.expected] ?? issue.expected}, got ${got(input)}`;
    case 'invalid_value': {
      const expected = `expected one of ${issue.values.join(', ')}`;
      return input === undefined ? `is missing, ${expected}` : `${expected}, got ${got(input)}`;
    }
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_key':
      return issue.issues[0]?.message;
    case 'invalid_format':
      return issue.format === 'uuid' ? 'expected a UUID such as 7b9b3c2f-3e6d-4b62-9d0a-9f8c1e5a7406' : undefined;
    default:
      return undefined;
  }
};

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' of them' : '';
}

/** A value, shortened; of a list or map only that it is one. */
function got(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}
