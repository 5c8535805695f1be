/** A piece of an SQL text. A `literal` is left as it is: a text, a quoted name, a comment or blanks. */
export interface SqlToken {
  readonly kind: 'literal' | 'blank' | 'word' | 'number' | 'sign';
  readonly text: string;
  /** Where it begins. */
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
 * Takes an SQL text apart as DuckDB does: comments within comments, `''` in a text, `\'` in one that `E` begins, `$tag$`
 * around one. What is opened and not closed goes to the end. The tokens together are the text.
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
