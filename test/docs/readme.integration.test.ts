import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readExamples } from '../../sigma/examples/rule-examples.ts';
import { tryExamples } from '../../sigma/examples/try-example.ts';
import { networks, rulesOf } from '../support/rules.ts';
import { run as runProgram } from '../support/run-program.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

const afterAllTests: (() => void)[] = [];
afterAll(() => {
  for (const clean of afterAllTests) clean();
});

describe('the README', () => {
  it('shows what the demo prints', async () => {
    let printed = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    expect(await run(['demo'])).toBe(0);
    spy.mockRestore();
    const shown = blocks('').find((block) => block.startsWith('Records'))!;
    let at = 0;
    for (const line of shown.split('\n').filter((text) => text.trim() !== '' && text.trim() !== '...')) {
      const found = printed.indexOf(`${line}\n`, at);
      expect(found, `the demo prints ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(at);
      at = found;
    }
  });

  it('shows what a first session prints', { timeout: 240_000 }, async () => {
    const session = blocks('').find((block) => block.startsWith('$ '))!;
    const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-readme-'));
    // What was started here, such as esbuild, goes on to run here.
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

  it('shows a rule that compiles', () => {
    const rules = rulesOf(blocks('yaml')[0]!);
    expect([...rules.rules.values()]).toMatchObject([{ threshold: 5, timespanSeconds: 900, escalate: [2, 10] }]);
  });

  it('shows examples that the rule does as they say', async () => {
    const [rule, examples] = blocks('yaml');
    const files = [{ path: 'rules/database_knocks.yml', text: rule! }];
    const ruleSet = compileRules(files, networks);
    const problems: string[] = [];
    const read = readExamples({ path: 'README.md', text: examples! }, ruleSet.rules[0]!, [], problems);
    const tried = await tryExamples(ruleSet.rules[0]!, ruleSet, read);
    expect([...problems, ...tried.map(({ failure }) => failure)]).toEqual([undefined, undefined]);
  });

  it('shows rules commands that there are', async () => {
    const spies = (['stdout', 'stderr'] as const).map((stream) => {
      return vi.spyOn(process[stream], 'write').mockReturnValue(true);
    });
    const named = [...readme.matchAll(/npm run -s rules -- (\w+)/g)].map(([, name]) => name!);
    const codes = [];
    for (const name of named) codes.push(await run(['rules', name, '--help']));
    for (const spy of spies) spy.mockRestore();
    expect(codes).toEqual([0, 0, 0, 0, 0]);
  });

  it('names scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run (?:-s )?([\w-]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(scripts).toHaveProperty(name);
  });
});
