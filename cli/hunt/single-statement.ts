import { InputError } from '../terminal/input-error.ts';
import { sqlTokens } from './sql-tokens.ts';

/**
 * Returns the single statement of an SQL text, without the `;` at its end.
 *
 * @throws InputError if there is no statement, or more than one
 */
export function singleStatement(typed: string): string {
  let end: number | undefined;
  let isEmpty = true;
  for (const { kind, text, at } of sqlTokens(typed)) {
    if (kind === 'blank') continue;
    if (text === ';') {
      end ??= at;
      continue;
    }
    if (end !== undefined)
      throw new InputError('the query is invalid: got text after the ;, expected a single statement');
    isEmpty = false;
  }
  if (isEmpty) {
    throw new InputError('the query is empty, expected a statement such as "SELECT * FROM vpc_flow_logs LIMIT 10"');
  }
  return typed.slice(0, end);
}
