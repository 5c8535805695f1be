import { z } from 'zod';
import { messageOf } from '../../lambda/common/errors.ts';
import { printable } from '../../lambda/common/text.ts';
import { InputError } from '../terminal/input-error.ts';
import type { QuotedQuery } from './quote-field-names.ts';

/** What DuckDB says of an error with `errors_as_json`; `position` is in bytes of UTF-8. */
const shape = z.object({
  exception_type: z.string(),
  exception_message: z.string(),
  position: z.coerce.number().optional(),
});

/** How many characters of a query are shown before and after the place of an error. */
const shownBefore = 30;
const shownAfter = 20;

/**
 * An error of DuckDB's as one line for the person who typed the query: what is wrong, and where in what they typed.
 *
 * @param typed the query as it was typed
 * @param before how many characters stood before it
 */
export function queryError(error: unknown, typed: string, { sql, typedAt }: QuotedQuery, before = 0): InputError {
  const text = messageOf(error);
  const { data } = shape.safeParse(jsonIn(text));
  if (!data) return new InputError(`the query failed: ${text}`);
  const message = data.exception_message
    .trim()
    .replace(/!?\n\s*/g, '; ')
    .replace(/!$/, '')
    // A name that was put into quotes for DuckDB, and not by the person.
    .replace(/""(\w+)""/g, '"$1"');
  if (data.exception_type === 'Out of Memory') {
    return new InputError(
      `the query needs more memory or disk than there is: ${message}; narrow it, or give it a LIMIT`,
    );
  }
  if (/read-only mode/.test(message)) return new InputError('only statements that read can be run here');
  if (/file system operations are disabled/.test(message)) {
    return new InputError('a query reads the table vpc_flow_logs and no file of its own: name files behind the query');
  }
  if (data.position === undefined) return new InputError(`the query failed: ${message}`);
  const place = typedAt(
    Buffer.from(sql)
      .subarray(0, Math.max(0, data.position - before))
      .toString().length,
  );
  return new InputError(`the query failed: ${message}; ${placeText(typed, place)}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{')));
  } catch {
    return undefined;
  }
}

function placeText(typed: string, place: number): string {
  const lines = typed.slice(0, place).split('\n');
  const before = typed.slice(Math.max(0, place - shownBefore), place);
  const after = typed.slice(place, place + shownAfter);
  const excerpt = `${place > shownBefore ? '...' : ''}${before}>>>${after}${place + shownAfter < typed.length ? '...' : ''}`;
  return printable(`line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${excerpt}`);
}
