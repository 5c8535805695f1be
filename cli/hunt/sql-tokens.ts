/** A piece of SQL. A `literal` is a text or a quoted name; a `blank` is white space or a comment. */
export interface SqlToken {
  readonly kind: 'literal' | 'blank' | 'word' | 'number' | 'sign';
  readonly text: string;
  /** The index at which the token begins. */
  readonly at: number;
}

const patterns: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['blank', /\s+|--[^\n]*/y],
  ['literal', /[eE]'(?:\\[\s\S]|''|[^'\\])*(?:'|$)|'(?:''|[^'])*(?:'|$)|"(?:""|[^"])*(?:"|$)/y],
  ['literal', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\1\$|$)/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['number', /\d\w*(?:\.\d\w*)?/y],
  ['sign', /[\s\S]/uy],
];

/**
 * Splits SQL into tokens as DuckDB does: nested comments, `''` in a text, `\'` in an `E` text, and `$tag$` texts. An
 * unclosed token extends to the end. The concatenated tokens are the SQL.
 */
export function* sqlTokens(sql: string): Generator<SqlToken> {
  for (let at = 0; at < sql.length; ) {
    const token = sql.startsWith('/*', at)
      ? ({ kind: 'blank', text: sql.slice(at, endOfComment(sql, at)), at } as const)
      : tokenAt(sql, at);
    yield token;
    at += token.text.length;
  }
}

function tokenAt(sql: string, at: number): SqlToken {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text, at };
  }
  return { kind: 'sign', text: sql[at]!, at };
}

function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start + 2;
  let depth = 1;
  for (let match = mark.exec(sql); match; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
