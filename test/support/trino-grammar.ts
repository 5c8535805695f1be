import { buildSync } from 'esbuild';

/** A parser of Trino's SQL: what is wrong with a text, each as `line:column message`; nothing where it is a statement. */
export type TrinoGrammar = (sql: string) => string[];

const source = `
import { CharStreams, CommonTokenStream } from 'antlr4ng';
import { TrinoSqlLexer } from 'dt-sql-parser/dist/lib/trino/TrinoSqlLexer.js';
import { TrinoSqlParser } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';

export function problems(sql) {
  const found = [];
  const listener = {
    syntaxError: (_recognizer, _symbol, line, column, message) => found.push(line + ':' + column + ' ' + message),
    reportAmbiguity() {},
    reportAttemptingFullContext() {},
    reportContextSensitivity() {},
  };
  const heard = (recognizer) => {
    recognizer.removeErrorListeners();
    recognizer.addErrorListener(listener);
    return recognizer;
  };
  const lexer = heard(new TrinoSqlLexer(CharStreams.fromString(sql)));
  heard(new TrinoSqlParser(new CommonTokenStream(lexer))).program();
  return found;
}`;

/**
 * Trino's grammar, as dt-sql-parser has it. The package's modules name each other without their endings, which Node does
 * not take: so the ones of Trino are bundled, which leaves out the grammars of other databases too.
 */
export async function trinoGrammar(): Promise<TrinoGrammar> {
  const stdin = { contents: source, resolveDir: import.meta.dirname };
  const { outputFiles } = buildSync({ stdin, bundle: true, format: 'esm', platform: 'node', write: false });
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64');
  const { problems } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as {
    problems: TrinoGrammar;
  };
  return problems;
}
