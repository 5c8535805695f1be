import { type Command, Option } from 'commander';
import type { RedriveOptions } from '../redrive/redrive.ts';
import type { SmokeOptions } from '../smoke/smoke.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { seconds } from './option-parsers.ts';

/** The commands that work on a deployed stack, with the credentials and the region of the environment. */
export function addDeployed(program: Command): void {
  const stack = ['--stack <name>', 'the stack', 'FlowSentinel'] as const;
  const outputs = ['--outputs <file>', 'its outputs, as cdk deploy --outputs-file writes them'] as const;
  program
    .command('redrive')
    .description('put through again what the stream could not transform: records that failed, and batches given up')
    .option(...stack)
    .option(...outputs)
    .option('--only <prefix>', 'only objects that go on so after the error prefix, such as day=2026-11-24/', '')
    .option('--into <prefix>', 'where decoded lines go in the lake', 'redriven/')
    .addOption(
      new Option('--late <what>', 'batches of which part may have been counted more than an hour ago')
        .choices(['leave', 'count', 'pass-on'])
        .default('leave'),
    )
    .addOption(
      new Option(
        '--answered <what>',
        'records that failed and can be read: they had no room in an answer and are counted',
      )
        .choices(['pass-on', 'count'])
        .default('pass-on'),
    )
    .option('--dry-run', 'only say what there is')
    .option('--json', 'print one JSON document')
    .action(async (options: RedriveOptions) => {
      const { redrive } = await import('../redrive/redrive.ts');
      if (!(await redrive(options))) throw new CheckFailed();
    });
  program
    .command('smoke')
    .description(
      'send a marked flow through the deployed stack, wait for its alert, which all subscribers get, and clean up',
    )
    .option(...stack)
    .option(...outputs)
    .option('--source <address>', 'an address in suspicious_ranges, where 203.0.113.0/24 is not there any more')
    .option('--timeout <seconds>', 'how long to wait for the alert', seconds, 600)
    .option('--json', 'print one JSON document')
    .action(async (options: SmokeOptions) => {
      const { smoke } = await import('../smoke/smoke.ts');
      if (!(await untilInterrupted((interrupted) => smoke(options, interrupted)))) throw new CheckFailed();
    });
}
