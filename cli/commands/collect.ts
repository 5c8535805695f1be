import type { Command } from 'commander';
import type { CollectOptions } from '../collect/collect.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { regionNames } from './option-parsers.ts';

/** Adds the command that writes what EC2 says about interfaces and instances. */
export function addCollect(program: Command): void {
  program
    .command('collect')
    .description('write the network interfaces and instances of an account to files, which name addresses offline')
    .requiredOption('--out <folder>', 'new or empty folder, or one of an earlier run')
    .option('--region <name>', 'region to collect; repeatable (default: the region of the environment)', regionNames)
    .option('--json', 'output as one JSON document')
    .addHelpText(
      'after',
      `
Needs ec2:DescribeNetworkInterfaces and ec2:DescribeInstances, and changes nothing in the account. The files describe
your network: only their owner may read them. Run the command again when the network has changed.

Examples:
  $ npx flow-sentinel collect --out names
  $ npx flow-sentinel collect --out names --region eu-central-1 --region us-east-1`,
    )
    .action(async (options: CollectOptions) => {
      const { collect } = await import('../collect/collect.ts');
      if (!(await untilInterrupted((interrupted) => collect(options, interrupted)))) throw new CheckFailed();
    });
}
