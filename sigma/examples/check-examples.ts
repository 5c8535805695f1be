import { FlowError } from '../../lambda/common/errors.ts';
import { everyRule } from '../compile/compile-rules.ts';
import { defaultRulesDirectory } from '../default-rules.ts';
import { compileRuleDirectory } from '../rule-directory.ts';
import { readExampleDirectory } from './example-directory.ts';
import { failureLines } from './failure-text.ts';
import { tryExamples } from './try-example.ts';

/**
 * Runs the examples of the rules before a deployment. A rule whose examples fail is not deployed.
 *
 * @throws FlowError `RULE_INVALID` with each failed example, by file and line, and the alerts that occurred instead
 */
export async function checkExamples(directory: string = defaultRulesDirectory): Promise<void> {
  const ruleSet = compileRuleDirectory(directory, undefined, everyRule);
  const problems: string[] = [];
  for (const { rule, examples } of readExampleDirectory(directory, ruleSet)) {
    const tried = await tryExamples(rule, ruleSet, examples ?? []);
    problems.push(...tried.flatMap((result) => failureLines(rule, result)));
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
}
