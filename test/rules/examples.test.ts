import { describe, expect, it } from 'vitest';
import { everyRule } from '../../sigma/compile/compile-rules.ts';
import { defaultRulesDirectory } from '../../sigma/default-rules.ts';
import { readExampleDirectory } from '../../sigma/examples/example-directory.ts';
import { failureLines } from '../../sigma/examples/failure-text.ts';
import { tryExamples } from '../../sigma/examples/try-example.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { expectAlertBody } from '../support/alert-schema.ts';

const ruleSet = compileRuleDirectory(undefined, undefined, everyRule);

describe.each(readExampleDirectory(defaultRulesDirectory, ruleSet))('$rule.name', ({ rule, path, examples }) => {
  it('has an examples file', () => {
    expect(examples, `${path} is missing`).toBeDefined();
  });

  it.each(examples ?? [])('$expects: $name', async (example) => {
    const [tried] = await tryExamples(rule, ruleSet, [example]);
    expect(failureLines(rule, tried!).join('\n')).toBe('');
    for (const { subject, text, body } of tried!.published) {
      expect(subject).toMatch(/^[ -~]{1,99}$/);
      expect(text.trimEnd().split('\n').length, text).toBeLessThan(40);
      expectAlertBody(JSON.parse(body));
    }
  });
});
