import type { Command } from 'commander';
import type { RuleOptions } from '../rules/load-rules.ts';
import type { SilenceOptions } from '../rules/silence.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { today } from './option-parsers.ts';

/** The commands for those who write rules. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('write, check, test and explain rules')
    .showHelpAfterError('See --help for what it takes.');
  const directory = ['--rules <dir>', 'Sigma rules, instead of those in rules/'] as const;
  const networks = ['--networks <file>', 'named networks, instead of networks.yml beside the rules'] as const;
  const json = ['--json', 'print one JSON document'] as const;
  rules
    .command('test')
    .description('run the examples of rules: what must alert, and what must not')
    .argument('[name...]', 'rules; all of them for none')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (names: string[], options: RuleOptions) => {
      const { testRules } = await import('../rules/test-examples.ts');
      if (!(await testRules(names, options))) throw new CheckFailed();
    });
  rules
    .command('check')
    .description('find all mistakes in rules, what has expired, and what is worth knowing')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (options: RuleOptions) => {
      const { checkRules } = await import('../rules/check.ts');
      if (!checkRules(options, today())) throw new CheckFailed();
    });
  rules
    .command('explain')
    .description('say in plain words what a rule counts, when it alerts, and what it costs')
    .argument('<name>', 'a rule')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (name: string, options: RuleOptions) => {
      const { explainRule } = await import('../rules/explain.ts');
      explainRule(name, options);
    });
  rules
    .command('new')
    .description('write a rule and its examples to begin with')
    .argument('<name>', 'letters, digits, _ and -')
    .option(...directory)
    .action(async (name: string, options: RuleOptions) => {
      const { newRule } = await import('../rules/new.ts');
      newRule(name, options, today());
    });
  rules
    .command('silence')
    .description('write a filter that leaves flows out of what a rule counts')
    .argument('<name>', 'a rule')
    .argument('<field=value...>', 'flows that have all of them; a field given twice may have either value')
    .requiredOption('--reason <text>', 'why they are harmless')
    .option('--until <day>', 'the last day on which it holds, such as 2026-12-31')
    .option(...directory)
    .addHelpText(
      'after',
      '\nExample:\n  $ flow-sentinel rules silence lateral_movement srcaddr=10.0.0.4 --reason "the bastion" --until 2027-01-31',
    )
    .action(async (name: string, pairs: string[], options: SilenceOptions) => {
      const { silenceRule } = await import('../rules/silence.ts');
      silenceRule(name, pairs, options, today());
    });
}
