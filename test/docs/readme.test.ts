import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readExamples } from '../../sigma/examples/rule-examples.ts';
import { tryExamples } from '../../sigma/examples/try-example.ts';
import { networks, rulesOf } from '../support/rules.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const readme = read('README.md');
const firstSession = read('docs/try/first-session.md');
const firstRule = read('docs/rules/first-rule.md');

/** Returns the code blocks of one language in a page. */
const blocks = (page: string, language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

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
