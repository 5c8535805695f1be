import { buildSync } from 'esbuild';

/** A parser of SQL: what is wrong with a text, each as `line:column message`; nothing where it is a statement. */
export type TrinoGrammar = (sql: string) => string[];

const sourceOf = (name: 'Trino' | 'Hive') => `
import { CharStreams, CommonTokenStream } from 'antlr4ng';
import { ${name}SqlLexer as Lexer } from 'dt-sql-parser/dist/lib/${name.toLowerCase()}/${name}SqlLexer.js';
import { ${name}SqlParser as Parser } from 'dt-sql-parser/dist/lib/${name.toLowerCase()}/${name}SqlParser.js';

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
  const lexer = heard(new Lexer(CharStreams.fromString(sql)));
  heard(new Parser(new CommonTokenStream(lexer))).program();
  return found;
}`;

/**
 * Trino's grammar, as dt-sql-parser has it. The package's modules name each other without their endings, which Node does
 * not take: so the ones of Trino are bundled, which leaves out the grammars of other databases too.
 */
export async function trinoGrammar(): Promise<TrinoGrammar> {
  return grammarOf('Trino');
}

/** Hive's grammar in the same way: Athena takes the definitions of tables in it. */
export async function hiveGrammar(): Promise<TrinoGrammar> {
  return grammarOf('Hive');
}

async function grammarOf(name: 'Trino' | 'Hive'): Promise<TrinoGrammar> {
  const stdin = { contents: sourceOf(name), resolveDir: import.meta.dirname };
  const { outputFiles } = buildSync({ stdin, bundle: true, format: 'esm', platform: 'node', write: false });
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64');
  const { problems } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as {
    problems: TrinoGrammar;
  };
  return problems;
}
