import { Command, CommanderError } from 'commander';
import { printable } from '../lambda/core/wording.ts';
import { FlowError, messageOf } from '../lambda/errors.ts';
import { addCost } from './commands/cost.ts';
import { addDeployed } from './commands/deployed.ts';
import { addHunt } from './commands/hunt.ts';

import { addLive } from './commands/live.ts';

import { addLookBack } from './commands/look-back.ts';

import { addProofs } from './commands/proofs.ts';
import { addRules } from './commands/rules.ts';
import { addSamples } from './commands/samples.ts';
import { UnreadInput } from './commands/unread-input.ts';
import { ViolationFound } from './commands/violation-found.ts';
import { InputError } from './input-error.ts';
import { stdoutProblem } from './standard-output.ts';

function createProgram(): Command {
  const program = new Command('flow-sentinel')
    .description(
      'Exact counters and Sigma alerts on VPC Flow Logs. All but redrive, smoke, pairs and alerts need no AWS account.',
    )
    .exitOverride()
    .showHelpAfterError('See --help for what it takes.');
  addSamples(program);
  addLookBack(program);
  addHunt(program);
  addRules(program);
  addDeployed(program);
  addLive(program);
  addCost(program);
  addProofs(program);
  return program;
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0 done, 1 the work failed or found something wrong, 2 wrong usage or unreadable input
 */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Said where the program ends.
    if (error instanceof Error && error === stdoutProblem()) return 0;
    if (error instanceof ViolationFound) return 1;
    if (error instanceof UnreadInput) return 2;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isInput = error instanceof FlowError && (error.code === 'RULE_INVALID' || error.code === 'CONFIG_INVALID');
    const lines = isInput ? messageOf(error).split('\n') : [messageOf(error)];
    process.stderr.write(`flow-sentinel: ${lines.map(printable).join('\n')}\n`);
    return isInput || error instanceof InputError ? 2 : 1;
  }
}
