import { sqlTokens } from '../sql-tokens.ts';

/** The complete statements of a text, and the text after the last `;`. */
export interface Statements {
  readonly complete: readonly string[];
  readonly rest: string;
}

/** Splits SQL at each `;` outside texts, quoted names and comments. A statement of blanks and comments only is left out. */
export function splitStatements(sql: string): Statements {
  const complete: string[] = [];
  let from = 0;
  let isEmpty = true;
  for (const { kind, text, at } of sqlTokens(sql)) {
    if (kind !== 'blank' && text !== ';') isEmpty = false;
    if (kind !== 'sign' || text !== ';') continue;
    if (!isEmpty) complete.push(sql.slice(from, at).trim());
    from = at + 1;
    isEmpty = true;
  }
  return { complete, rest: isEmpty ? '' : sql.slice(from) };
}
