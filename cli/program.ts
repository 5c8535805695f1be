import { Command, CommanderError } from 'commander';
import { FlowError, messageOf } from '../lambda/common/errors.ts';
import { productVersion } from '../lambda/common/product-version.ts';
import { printable } from '../lambda/common/text.ts';
import { CheckFailed, UsageFailure } from './terminal/exit-signals.ts';
import { InputError } from './terminal/input-error.ts';
import { stdoutError } from './terminal/stdout.ts';

/** Groups of commands in the order of the help. The module of a group is loaded only if one of its commands is run. */
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
  { commands: ['collect'], add: async () => (await import('./commands/collect.ts')).addCollect },
  { commands: ['geo'], add: async () => (await import('./commands/geo.ts')).addGeo },
  { commands: ['cost'], add: async () => (await import('./commands/cost.ts')).addCost },
  {
    commands: ['completion'],
    add: async () => {
      const { addCompletion } = await import('./commands/completion.ts');
      return (program) => addCompletion(program, () => createProgram(undefined));
    },
  },
];

/**
 * Defines the command line.
 *
 * @param first first argument; all commands are defined if it does not name one, for the help and for suggestions. None
 * is defined for the version
 */
export async function createProgram(first: string | undefined): Promise<Command> {
  const program = new Command('flow-sentinel')
    .description(
      'Exact counters and Sigma alerts on VPC Flow Logs. Only redrive, smoke, pairs, alerts and collect need an AWS account.',
    )
    .version(productVersion)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'flow-sentinel: ')) })
    .exitOverride()
    .showHelpAfterError('See --help for arguments and options.');
  if (first === '--version' || first === '-V') return program;
  const groups = commandGroups.filter(({ commands }) => commands.some((name) => name === first));
  for (const { add } of groups.length > 0 ? groups : commandGroups) (await add())(program);
  return program;
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0 for success, 1 if the command failed or found a problem, 2 for invalid usage or input
 */
export async function run(argv: readonly string[]): Promise<number> {
  return runProgram(() => createProgram(argv[0]), argv);
}

/** Runs a command line and prints the reason of a failure on standard error. @returns the exit code, as `run` does */
export async function runProgram(create: () => Promise<Command>, argv: readonly string[]): Promise<number> {
  try {
    await (await create()).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // exitWith reports it at the end of the program.
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
