import { z } from 'zod';
import { messageOf } from '../../lambda/common/errors.ts';
import { printable } from '../../lambda/common/text.ts';
import { InputError } from '../terminal/input-error.ts';
import type { QuotedQuery } from './quote-field-names.ts';

/** The shape of a DuckDB error with `errors_as_json`; `position` is in bytes of UTF-8. */
const shape = z.object({
  exception_type: z.string(),
  exception_message: z.string(),
  position: z.coerce.number().optional(),
});

/** Characters of a query that are shown before and after the position of an error. */
const shownBefore = 30;
const shownAfter = 20;

/**
 * Converts a DuckDB error to one line for the person who typed the query: the problem and its position.
 *
 * @param typed the query as typed
 * @param before characters before the query in the statement that ran
 */
export function queryError(error: unknown, typed: string, { sql, typedAt }: QuotedQuery, before = 0): InputError {
  const text = messageOf(error);
  const { data } = shape.safeParse(jsonIn(text));
  if (!data) return new InputError(`the query failed: ${text}`);
  const message = data.exception_message
    .trim()
    .replace(/!?\n\s*/g, '; ')
    .replace(/!$/, '')
    // Quotes that quote-field-names.ts has added.
    .replace(/""(\w+)""/g, '"$1"');
  if (data.exception_type === 'Out of Memory') {
    return new InputError(`the query exceeds the available memory or disk: ${message}; narrow it, or add a LIMIT`);
  }
  if (/read-only mode/.test(message)) {
    return new InputError('the query is invalid: got a writing statement, expected a reading statement');
  }
  if (/file system operations are disabled/.test(message)) {
    return new InputError(
      'the query is invalid: got a file in it, expected the table vpc_flow_logs; give files as arguments after the query',
    );
  }
  if (data.position === undefined) return new InputError(`the query failed: ${message}`);
  const position = typedAt(
    Buffer.from(sql)
      .subarray(0, Math.max(0, data.position - before))
      .toString().length,
  );
  return new InputError(`the query failed: ${message}; ${positionText(typed, position)}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{')));
  } catch {
    return undefined;
  }
}

function positionText(typed: string, position: number): string {
  const lines = typed.slice(0, position).split('\n');
  const before = typed.slice(Math.max(0, position - shownBefore), position);
  const after = typed.slice(position, position + shownAfter);
  const excerpt = `${position > shownBefore ? '...' : ''}${before}>>>${after}${position + shownAfter < typed.length ? '...' : ''}`;
  return printable(`line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${excerpt}`);
}
