import type { Command } from 'commander';
import { collect } from './option-parsers.ts';

/** Adds `--context` and `--sample-findings`, for the commands that send flows through the pipeline. */
export function withContextEvents(command: Command): Command {
  return command
    .option(
      '--context <path>',
      'folder or file of CloudTrail log files, or of GuardDuty findings: tells what happened around hosts; repeatable (default: none)',
      collect,
    )
    .option('--sample-findings', 'read sample findings of GuardDuty too');
}
