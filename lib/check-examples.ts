import { FlowError } from '../lambda/errors.ts';
import { compileRuleDirectory, defaultRulesDirectory } from '../lambda/io/rule-directory.ts';
import { readExampleDirectory } from '../local/example-directory.ts';
import { failureLines } from '../local/failure-text.ts';
import { tryExamples } from '../local/try-example.ts';

/**
 * Runs the examples of the rules that are about to be shipped: a rule that does not do what they say is not deployed.
 *
 * @throws FlowError `RULE_INVALID` with each example that failed, by file and line, and what happened instead
 */
export async function checkExamples(directory: string = defaultRulesDirectory): Promise<void> {
  const ruleSet = compileRuleDirectory(directory);
  const problems: string[] = [];
  for (const { rule, examples } of readExampleDirectory(directory, ruleSet)) {
    const tried = await tryExamples(rule, ruleSet, examples ?? []);
    problems.push(...tried.flatMap((one) => failureLines(rule, one)));
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
}
