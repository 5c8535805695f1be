import { InputError } from '../terminal/input-error.ts';
import { sqlTokens } from './sql-tokens.ts';

/**
 * The one statement of a text, without the `;` at its end.
 *
 * @throws InputError when there is none, or more than one
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
    if (end !== undefined) throw new InputError('one statement at a time can be run: there is something behind the ;');
    isEmpty = false;
  }
  if (isEmpty) throw new InputError('the query is empty, expected one such as "SELECT * FROM vpc_flow_logs LIMIT 10"');
  return typed.slice(0, end);
}
