import { type Command, Option } from 'commander';
import type { AlertOptions, ListOptions } from '../alerts/alerts.ts';
import type { SilenceAlertOptions } from '../alerts/silence-alerts.ts';
import type { PairsOptions } from '../pairs/pairs.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { positiveInteger } from './option-parsers.ts';

/** The commands that look at the counters of a deployed stack, or of one that a folder keeps, and silence alerts. */
export function addPairsAndAlerts(program: Command): void {
  withTable(
    program
      .command('pairs')
      .description('show the counters of a pair, its windows and its live alerts; or the busiest pairs of an address')
      .argument('[source]', 'an address')
      .argument('[destination]', 'another one: then only this pair, for one read')
      .option('--to <address>', 'all pairs to a destination')
      .option('--top <n>', 'how many pairs of an address to show', positiveInteger, 20),
  )
    .addHelpText(
      'after',
      `
One pair costs a read of its item. All pairs of an address cost a read of the whole table: half a read unit for each
4 KB of it. It says how many they were.

Examples:
  $ flow-sentinel pairs 10.0.3.30 198.18.0.9
  $ flow-sentinel pairs 10.0.3.30 --top 50
  $ flow-sentinel invoke event.json --keep counters && flow-sentinel pairs --to 10.0.2.7 --local counters`,
    )
    .action(async (source: string | undefined, destination: string | undefined, options: PairsOptions) => {
      const { pairs } = await import('../pairs/pairs.ts');
      const isWhole = await untilInterrupted((interrupted) => pairs(source, destination, options, interrupted));
      if (!isWhole) throw new CheckFailed();
    });
  const alerts = program
    .command('alerts')
    .description('list the live alerts, which hold back further ones, and silence one at once')
    .showHelpAfterError('See --help for what it takes.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ flow-sentinel alerts\n  $ flow-sentinel alerts silence 887f3832fa77 --reason "a release" --until 6h',
    );
  withTable(
    alerts
      .command('list', { isDefault: true })
      .description('list the live alerts; reads the whole table, half a read unit for each 4 KB of it')
      .option('--rule <name>', 'only those of a rule')
      .option('--src <address>', 'only those of a source')
      .option('--key <text>', 'only those whose key holds a text'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ flow-sentinel alerts\n  $ flow-sentinel alerts list --rule repeated_rejects',
    )
    .action(async (options: ListOptions) => {
      const { listAlerts } = await import('../alerts/alerts.ts');
      if (!(await untilInterrupted((interrupted) => listAlerts(options, interrupted)))) throw new CheckFailed();
    });
  const named = ['<alert>', 'the id of a live alert, or its first eight characters or more; or a rule'] as const;
  const key = ['[field=value...]', 'of a rule: all fields of its key'] as const;
  withTable(
    alerts
      .command('silence')
      .description('send no further alert of a live one, at once and for a while: one rule, one key')
      .argument(...named)
      .argument(...key)
      .requiredOption('--reason <text>', 'why, for those who see the list; up to 200 bytes')
      .requiredOption('--until <end>', 'a day, to its end in UTC, or for how long: 90m, 6h, 7d; up to 30 days'),
  )
    .addHelpText(
      'after',
      `
By its id an alert is looked for in the whole table; a rule and its key cost one read.

Examples:
  $ flow-sentinel alerts silence 887f3832fa77 --reason "the backup, moved away on Friday" --until 2026-11-27
  $ flow-sentinel alerts silence data_exfiltration srcaddr=10.0.3.30 dstaddr=198.18.0.9 --reason "a release" --until 6h`,
    )
    .action(async (name: string, pairs: string[], options: SilenceAlertOptions) => {
      const { silenceAlert } = await import('../alerts/silence-alerts.ts');
      await silenceAlert(name, pairs, options);
    });
  withTable(
    alerts
      .command('unsilence')
      .description('take a silence back')
      .argument(...named)
      .argument(...key),
  )
    .addHelpText('after', '\nExample:\n  $ flow-sentinel alerts unsilence 887f3832fa77')
    .action(async (name: string, pairs: string[], options: AlertOptions) => {
      const { unsilenceAlert } = await import('../alerts/silence-alerts.ts');
      await unsilenceAlert(name, pairs, options);
    });
}

/** The options that say which table, by which rules, and of when. */
function withTable(command: Command): Command {
  const local = new Option('--local <folder>', 'counters that invoke --keep keeps, instead of a stack');
  return command
    .option('--stack <name>', 'the stack', 'FlowSentinel')
    .option('--outputs <file>', 'its outputs, as cdk deploy --outputs-file writes them')
    .addOption(local.conflicts(['stack', 'outputs']))
    .option('--rules <dir>', 'Sigma rules to name and measure by, instead of those in rules/')
    .option('--networks <file>', 'named networks, instead of networks.yml beside the rules')
    .option('--at <time>', 'a moment in UTC instead of now; in a folder it is else the end of its last flow')
    .option('--json', 'print one JSON document');
}
