import { type Command, Option } from 'commander';
import type { CheckOptions } from '../rules/check.ts';
import type { ExplainOptions } from '../rules/explain.ts';
import type { RuleOptions } from '../rules/load-rules.ts';
import type { NewRuleOptions } from '../rules/new.ts';
import { templateTypes } from '../rules/rule-template.ts';
import type { SilenceOptions } from '../rules/silence.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { collect, magnitude, today } from './option-parsers.ts';

/** Adds the commands for authors of rules. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('write, check, test and explain rules')
    .showHelpAfterError('See --help for arguments and options.');
  const directory = ['--rules <dir>', 'directory of Sigma rules (default: rules/)'] as const;
  const networks = ['--networks <file>', 'file of named networks (default: networks.yml beside the rules)'] as const;
  const json = ['--json', 'output as one JSON document'] as const;
  rules
    .command('test')
    .description('run the examples of rules: those that must alert, and those that must not')
    .argument('[name...]', 'rule names (default: all)')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel rules test repeated_rejects')
    .action(async (names: string[], options: RuleOptions) => {
      const { testRules } = await import('../rules/test-examples.ts');
      if (!(await testRules(names, options))) throw new CheckFailed();
    });
  rules
    .command('check')
    .description('report the mistakes in rules, rules that cannot see the flow logs, expired entries and hints')
    .option(...directory)
    .option(...networks)
    .option(
      '--format <fields>',
      'flow log format that the rules must see; repeatable (default: the formats of all stages in flow-sentinel.json)',
      collect,
    )
    .option(...json)
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel rules check --rules my-rules')
    .action(async (options: CheckOptions) => {
      const { checkRules } = await import('../rules/check.ts');
      if (!checkRules(options, today())) throw new CheckFailed();
    });
  rules
    .command('explain')
    .description('explain in plain words what a rule counts, when it alerts and what it costs')
    .argument('<name>', 'name of the rule')
    .option(...directory)
    .option(...networks)
    .option('--records-per-day <n>', 'flow records a day, for the cost of a month (default: 100M)', magnitude)
    .option(...json)
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel rules explain repeated_rejects')
    .action(async (name: string, options: ExplainOptions) => {
      const { explainRule } = await import('../rules/explain.ts');
      explainRule(name, options);
    });
  rules
    .command('new')
    .description('create a rule and its examples from a template')
    .argument('<name>', 'name of the new rule: letters, digits, _ and -')
    .option(...directory)
    .addOption(new Option('--type <name>', 'type of its correlation').choices(templateTypes).default('event_count'))
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel rules new my_rule --rules my-rules --type value_sum')
    .action(async (name: string, options: NewRuleOptions) => {
      const { newRule } = await import('../rules/new.ts');
      newRule(name, options, today());
    });
  rules
    .command('silence')
    .description('write a filter that excludes flows from what a rule counts')
    .argument('<name>', 'name of the rule')
    .argument('<field=value...>', 'field values that a flow must all have; a repeated field lists alternatives')
    .requiredOption('--reason <text>', 'reason why the flows are harmless')
    .option('--until <day>', 'last day of the filter, such as 2026-12-31 (default: no end)')
    .option(...directory)
    .addHelpText(
      'after',
      '\nExample:\n  $ npx flow-sentinel rules silence lateral_movement srcaddr=10.0.0.4 --reason "the bastion" --until 2027-01-31',
    )
    .action(async (name: string, pairs: string[], options: SilenceOptions) => {
      const { silenceRule } = await import('../rules/silence.ts');
      silenceRule(name, pairs, options, today());
    });
}
