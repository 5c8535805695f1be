import { type Command, Option } from 'commander';
import type { RedriveOptions } from '../redrive/redrive.ts';
import { expiredActions, overflowedActions } from '../redrive/redrive-actions.ts';
import type { SmokeOptions } from '../smoke/smoke.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { positiveSeconds } from './option-parsers.ts';
import { withTimeRange } from './time-range-options.ts';

/** Adds the commands that work on a deployed stack, with the credentials and the region of the environment. */
export function addRedriveAndSmoke(program: Command): void {
  const stack = ['--stack <name>', 'name of the stack', 'FlowSentinel'] as const;
  const outputs = ['--outputs <file>', 'stack outputs, as cdk deploy --outputs-file writes them'] as const;
  withTimeRange(program.command('redrive'), 'objects that failed')
    .description('reprocess what the stream could not transform: failed records, and batches that Firehose gave up')
    .option(...stack)
    .option(...outputs)
    .addOption(
      new Option('--prefix <prefix>', 'continuation of the error prefix, such as day=2026-11-24/').default(
        '',
        'all objects',
      ),
    )
    .option('--target-prefix <prefix>', 'prefix of the decoded lines in the lake', 'redriven/')
    .addOption(
      new Option(
        '--expired <action>',
        'action for batches that the counter table no longer remembers, which may have been counted in part: leave them, count them again, or store their lines without counting',
      )
        .choices(expiredActions)
        .default('skip'),
    )
    .addOption(
      new Option(
        '--overflowed <action>',
        'action for readable records that the function returned as failed: they were counted but did not fit into the response',
      )
        .choices(overflowedActions)
        .default('store'),
    )
    .option('--dry-run', 'list of the error objects and the reasons; changes nothing')
    .option('--json', 'output as one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx flow-sentinel redrive --dry-run\n  $ npx flow-sentinel redrive --from 2026-11-24 --to 2026-11-25',
    )
    .action(async (options: RedriveOptions) => {
      const { redrive } = await import('../redrive/redrive.ts');
      if (!(await redrive(options))) throw new CheckFailed();
    });
  program
    .command('smoke')
    .description(
      'send a marked flow through the deployed stack, wait for its alert and clean up; all subscribers get the alert',
    )
    .option(...stack)
    .option(...outputs)
    .option('--source <address>', 'source address, in suspicious_ranges (default: an address in 203.0.113.0/24)')
    .option('--timeout <seconds>', 'maximum time to wait for the alert', positiveSeconds, 600)
    .option('--json', 'output as one JSON document')
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel smoke --stack FlowSentinel')
    .action(async (options: SmokeOptions) => {
      const { smoke } = await import('../smoke/smoke.ts');
      if (!(await untilInterrupted((interrupted) => smoke(options, interrupted)))) throw new CheckFailed();
    });
}
