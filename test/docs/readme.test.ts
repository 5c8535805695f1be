import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readExamples } from '../../sigma/examples/rule-examples.ts';
import { tryExamples } from '../../sigma/examples/try-example.ts';
import { networks, rulesOf } from '../support/rules.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind === language ? text! : []));

describe('the README', () => {
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
