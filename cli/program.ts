import { Command, CommanderError } from 'commander';
import { FlowError, messageOf } from '../lambda/common/errors.ts';
import { printable } from '../lambda/common/text.ts';
import { CheckFailed, UsageFailure } from './terminal/exit-signals.ts';
import { InputError } from './terminal/input-error.ts';
import { stdoutError } from './terminal/stdout.ts';

/** Commands that are defined together, in the order of the help. A module is loaded where one of its commands is asked for. */
export const commandGroups: readonly {
  readonly commands: readonly string[];
  readonly add: () => Promise<(program: Command) => void>;
}[] = [
  {
    commands: ['demo', 'invoke', 'make-event', 'make-logs'],
    add: async () => (await import('./commands/demo-and-samples.ts')).addDemoAndSamples,
  },
  {
    commands: ['replay', 'count', 'backtest'],
    add: async () => (await import('./commands/replay-count-backtest.ts')).addReplayCountBacktest,
  },
  { commands: ['hunt'], add: async () => (await import('./commands/hunt.ts')).addHunt },
  { commands: ['rules'], add: async () => (await import('./commands/rules.ts')).addRules },
  {
    commands: ['redrive', 'smoke'],
    add: async () => (await import('./commands/redrive-and-smoke.ts')).addRedriveAndSmoke,
  },
  {
    commands: ['pairs', 'alerts'],
    add: async () => (await import('./commands/pairs-and-alerts.ts')).addPairsAndAlerts,
  },
  { commands: ['cost'], add: async () => (await import('./commands/cost.ts')).addCost },
];

/** @param first the first argument: where it is no command's name, all of them are defined, for help and for suggestions */
async function createProgram(first: string | undefined): Promise<Command> {
  const program = new Command('flow-sentinel')
    .description(
      'Exact counters and Sigma alerts on VPC Flow Logs. All but redrive, smoke, pairs and alerts need no AWS account.',
    )
    .exitOverride()
    .showHelpAfterError('See --help for what it takes.');
  const asked = commandGroups.filter(({ commands }) => commands.some((name) => name === first));
  for (const { add } of asked.length > 0 ? asked : commandGroups) (await add())(program);
  return program;
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0 done, 1 the work failed or found something wrong, 2 wrong usage or unreadable input
 */
export async function run(argv: readonly string[]): Promise<number> {
  return runProgram(() => createProgram(argv[0]), argv);
}

/** Runs a command line, and prints why it failed. @returns the exit code: see run */
export async function runProgram(create: () => Promise<Command>, argv: readonly string[]): Promise<number> {
  try {
    await (await create()).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Said where the program ends.
    if (error instanceof Error && error === stdoutError()) return 0;
    if (error instanceof CheckFailed) return 1;
    if (error instanceof UsageFailure) return 2;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isInput = error instanceof FlowError && (error.code === 'RULE_INVALID' || error.code === 'CONFIG_INVALID');
    const lines = isInput ? messageOf(error).split('\n') : [messageOf(error)];
    process.stderr.write(`flow-sentinel: ${lines.map(printable).join('\n')}\n`);
    return isInput || error instanceof InputError ? 2 : 1;
  }
}
