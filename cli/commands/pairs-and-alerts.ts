import { type Command, Option } from 'commander';
import type { ListOptions } from '../alerts/alerts.ts';
import type { NamedAlertOptions, SilenceAlertOptions } from '../alerts/silence-alerts.ts';
import type { PairsOptions } from '../pairs/pairs.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { positiveInteger } from './option-parsers.ts';
import { withSources } from './source-options.ts';
import { withTimeRange } from './time-range-options.ts';

/** Adds the commands that read the counters of a deployed stack, or of a local folder, and silence alerts. */
export function addPairsAndAlerts(program: Command): void {
  withSources(
    withScopedTable(
      program
        .command('pairs')
        .description('show the counters of a pair with its windows and live alerts, or the busiest pairs of an address')
        .argument('[source]', 'source address')
        .argument('[destination]', 'destination address: shows only this pair, and costs one read')
        .option('--to <address>', 'destination address: shows all pairs to it')
        .option('--top <n>', 'number of pairs to show', positiveInteger, 20),
    ),
  )
    .addHelpText(
      'after',
      `
One pair costs one read. All pairs of an address cost a scan of the whole table: half a read unit for each 4 KB. The
output states the number of read units.

Examples:
  $ npx flow-sentinel pairs 10.0.3.30 198.18.0.9
  $ npx flow-sentinel pairs 10.0.3.30 --top 50
  $ npx flow-sentinel invoke event.json --keep counters && npx flow-sentinel pairs --to 10.0.2.7 --local counters`,
    )
    .action(async (source: string | undefined, destination: string | undefined, options: PairsOptions) => {
      const { pairs } = await import('../pairs/pairs.ts');
      const isComplete = await untilInterrupted((interrupted) => pairs(source, destination, options, interrupted));
      if (!isComplete) throw new CheckFailed();
    });
  const alerts = program
    .command('alerts')
    .description('list the live alerts, which suppress further ones, and silence alerts')
    .showHelpAfterError('See --help for arguments and options.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx flow-sentinel alerts\n  $ npx flow-sentinel alerts silence 887f3832fa77 --reason "a release" --until 6h',
    );
  withSources(
    withTable(
      withTimeRange(
        alerts
          .command('list', { isDefault: true })
          .description('list the live alerts; scans the whole table: half a read unit for each 4 KB')
          .option('--rule <name>', 'name of the rule of the alerts (default: all rules)')
          .option('--src <address>', 'source address of the alerts (default: all sources)')
          .option('--key <text>', 'text within the key of the alerts (default: all keys)'),
        'alerts that were raised',
      ),
    ),
  )
    .addHelpText(
      'after',
      `
Shows every live alert: the latest first. With --rule, the order is that of a digest: pairs with accepted data, sources
in your internal or monitored networks, then the highest multiple and value.

Examples:
  $ npx flow-sentinel alerts
  $ npx flow-sentinel alerts list --rule repeated_rejects
  $ npx flow-sentinel alerts list --from 2026-11-24T08:00:00Z`,
    )
    .action(async (options: ListOptions) => {
      const { listAlerts } = await import('../alerts/alerts.ts');
      if (!(await untilInterrupted((interrupted) => listAlerts(options, interrupted)))) throw new CheckFailed();
    });
  const named = [
    '<alert>',
    'id of a live alert, or at least its first eight characters; or the name of a rule',
  ] as const;
  const key = ['[field=value...]', 'all fields of the key, for the name of a rule'] as const;
  withScopedTable(
    alerts
      .command('silence')
      .description('silence an alert: send no further alerts of its rule and key until a given time')
      .argument(...named)
      .argument(...key)
      .requiredOption('--reason <text>', 'reason, for readers of the list; up to 200 bytes')
      .requiredOption(
        '--until <end>',
        'end of the silence: the last day in UTC, or a duration such as 90m, 6h or 7d; up to 30 days',
      ),
  )
    .addHelpText(
      'after',
      `
An id costs a scan of the whole table; the name of a rule and its key cost one read.

Examples:
  $ npx flow-sentinel alerts silence 887f3832fa77 --reason "the backup, moved away on Friday" --until 2026-11-27
  $ npx flow-sentinel alerts silence data_exfiltration srcaddr=10.0.3.30 dstaddr=198.18.0.9 --reason "a release" --until 6h`,
    )
    .action(async (name: string, pairs: string[], options: SilenceAlertOptions) => {
      const { silenceAlert } = await import('../alerts/silence-alerts.ts');
      await silenceAlert(name, pairs, options);
    });
  withScopedTable(
    alerts
      .command('unsilence')
      .description('end a silence')
      .argument(...named)
      .argument(...key),
  )
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel alerts unsilence 887f3832fa77')
    .action(async (name: string, pairs: string[], options: NamedAlertOptions) => {
      const { unsilenceAlert } = await import('../alerts/silence-alerts.ts');
      await unsilenceAlert(name, pairs, options);
    });
}

/** Adds the options that select the table and the scope of a key, which the setting `scope` adds. */
function withScopedTable(command: Command): Command {
  return withTable(command)
    .option('--account <id>', 'account of the key, if the setting scope keeps networks apart (default: none)')
    .option('--vpc <id>', 'VPC of the key, with --account, if the setting scope is vpc (default: none)');
}

/** Adds the options that select the table, the rules and the time. */
function withTable(command: Command): Command {
  const local = new Option('--local <folder>', 'folder of invoke --keep to read instead of a stack');
  return command
    .option('--stack <name>', 'name of the stack', 'FlowSentinel')
    .option('--outputs <file>', 'stack outputs, as cdk deploy --outputs-file writes them')
    .addOption(local.conflicts(['stack', 'outputs']))
    .option('--rules <dir>', 'directory of the Sigma rules of the counters (default: rules/)')
    .option('--networks <file>', 'file of named networks (default: networks.yml beside the rules)')
    .option('--at <time>', 'time in UTC (default: now, or the end of the last flow for --local)')
    .option('--json', 'output as one JSON document');
}
