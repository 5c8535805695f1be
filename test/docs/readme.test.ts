import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readExamples } from '../../sigma/examples/rule-examples.ts';
import { tryExamples } from '../../sigma/examples/try-example.ts';
import { networks, rulesOf } from '../support/rules.ts';
import { run as runProgram } from '../support/run-program.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const readme = read('README.md');
const firstSession = read('docs/try/first-session.md');
const firstRule = read('docs/rules/first-rule.md');

/** Returns the code blocks of one language in a page. */
const blocks = (page: string, language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

const afterAllTests: (() => void)[] = [];
afterAll(() => {
  for (const clean of afterAllTests) clean();
});

describe('the demo', () => {
  let printed = '';

  beforeAll(async () => {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    const code = await run(['demo']);
    spy.mockRestore();
    expect(code).toBe(0);
  });

  it('prints the e-mail that the README shows', () => {
    const shown = blocks(readme, '').find((block) => block.startsWith('Subject:'))!;
    expectLinesInOrder(shown, printed.replace(/^ {2}/gm, ''));
  });

  it('prints the records, pairs and alerts that the first session shows', () => {
    const shown = blocks(firstSession, '').find((block) => block.startsWith('Records'))!;
    expectLinesInOrder(shown, printed);
  });
});

/** Fails unless the text has each line that is shown, in the order shown; `...` and empty lines stand for any lines. */
function expectLinesInOrder(shown: string, text: string): void {
  let at = 0;
  for (const line of shown.split('\n').filter((one) => one.trim() !== '' && one.trim() !== '...')) {
    const found = text.indexOf(`${line}\n`, at);
    expect(found, `the demo prints ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(at);
    at = found;
  }
}

describe('the first session', () => {
  it('prints what the page shows', { timeout: 240_000 }, async () => {
    const session = blocks(firstSession, '').find((block) => block.startsWith('$ '))!;
    const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-first-session-'));
    // The folder stays until the end: child processes that start here, such as esbuild, continue to run here.
    afterAllTests.push(() => rmSync(folder, { recursive: true }));
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const [, command, shown] of session.matchAll(/^\$ npx flow-sentinel (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
        const words = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
        const { code, stdout, stderr } = await runProgram(...words);
        expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
        const parts = shown!.split(/^\.\.\.\n/m).map((part) => part.trimEnd());
        let at = 0;
        for (const part of parts) {
          const found = stdout.indexOf(part, at);
          expect(found, `${command} prints ${JSON.stringify(part)}`).toBeGreaterThanOrEqual(at);
          at = found + part.length;
        }
      }
      expect(readFileSync('report.html', 'utf8')).toContain('</html>');
    } finally {
      process.chdir(before);
    }
  });
});

describe('the first rule', () => {
  const [rule, examples] = blocks(firstRule, 'yaml');

  it('compiles as the page shows it', () => {
    const rules = rulesOf(rule!);
    expect([...rules.rules.values()]).toMatchObject([{ threshold: 5, timespanSeconds: 900, escalate: [2, 10] }]);
  });

  it('passes the examples that the page shows', async () => {
    const files = [{ path: 'rules/database_attempts.yml', text: rule! }];
    const ruleSet = compileRules(files, networks);
    const problems: string[] = [];
    const examplesRead = readExamples({ path: 'first-rule.md', text: examples! }, ruleSet.rules[0]!, [], problems);
    const tried = await tryExamples(ruleSet.rules[0]!, ruleSet, examplesRead);
    expect([...problems, ...tried.map(({ failure }) => failure)]).toEqual([undefined, undefined]);
  });

  it('uses only rules commands that exist', async () => {
    const spies = (['stdout', 'stderr'] as const).map((stream) => {
      return vi.spyOn(process[stream], 'write').mockReturnValue(true);
    });
    const named = [...firstRule.matchAll(/npm run -s rules -- (\w+)/g)].map(([, name]) => name!);
    const codes = [];
    for (const name of named) codes.push(await run(['rules', name, '--help']));
    for (const spy of spies) spy.mockRestore();
    expect(codes).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the README', () => {
  it('fits on two screens', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(90);
  });

  it('lists only commands that exist', async () => {
    const spies = (['stdout', 'stderr'] as const).map((stream) => {
      return vi.spyOn(process[stream], 'write').mockReturnValue(true);
    });
    const table = readme.slice(readme.indexOf('| command |'));
    const named = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/`([\w-]+)/g)].map(([, name]) => name!),
    );
    const codes = [];
    for (const name of named) codes.push([name, await run([name, '--help'])]);
    for (const spy of spies) spy.mockRestore();
    expect(named.length).toBeGreaterThan(10);
    expect(codes).toEqual(named.map((name) => [name, 0]));
  });
});

describe.each([
  ['README.md', readme],
  ['docs/try/first-session.md', firstSession],
  ['docs/rules/first-rule.md', firstRule],
])('%s', (_page, text) => {
  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run (?:-s )?([\w-]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(scripts).toHaveProperty(name);
  });
});
