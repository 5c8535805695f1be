import { type Command, Option } from 'commander';
import type { BacktestOptions } from '../backtest/backtest.ts';
import type { CountOptions } from '../count/count.ts';
import type { ReplayOptions } from '../replay/replay.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { withContextEvents } from './context-options.ts';
import { withCounting } from './counting-options.ts';
import { withMonitoredNetworks, withMonitoredNetworksAndScope } from './monitored-network-options.ts';
import { collect, nonNegativeInteger, positiveInteger } from './option-parsers.ts';
import { withSources } from './source-options.ts';
import { withTimeRange } from './time-range-options.ts';

/** Adds the commands that evaluate past traffic by its flow log files. */
export function addReplayCountBacktest(program: Command): void {
  const paths = ['<path...>', 'flow log files, folders or s3:// URIs; - for standard input'] as const;
  const directory = ['--rules <dir>', 'directory of Sigma rules (default: rules/)'] as const;
  const networks = ['--networks <file>', 'file of named networks (default: networks.yml beside the rules)'] as const;
  const format = [
    '--format <fields>',
    'flow log format of files without a header, as AWS writes it or as field names; repeatable (default: the AWS default format)',
    collect,
  ] as const;
  const rule = ['--rule <name>', 'rule to evaluate; repeatable (default: all)', collect] as const;
  withContextEvents(
    withSources(withCounting(withMonitoredNetworksAndScope(withTimeRange(program.command('replay'))), true)),
  )
    .description('show what a deployed stack would have counted and alerted on, given these logs')
    .argument(...paths)
    .option(...directory)
    .option(...networks)
    .option(...format)
    .addOption(
      new Option('--store <kind>', 'store of the counters: memory, or the real handler on an embedded stack (slow)')
        .choices(['memory', 'local'])
        .default('memory'),
    )
    .option('--alerts <file>', 'file for all alerts, one JSON document a line')
    .option('--report <file>', 'additional self-contained HTML report')
    .option(...rule)
    .option('--json', 'output as one JSON document: files, records, pairs and alerts')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx flow-sentinel replay flow-logs/\n  $ npx flow-sentinel replay flow-logs/ --report report.html --alerts alerts.jsonl',
    )
    .action(async (given: string[], options: ReplayOptions) => {
      const { replay } = await import('../replay/replay.ts');
      await untilInterrupted((interrupted) => replay(given, options, interrupted));
    });
  withMonitoredNetworks(withTimeRange(program.command('count')))
    .description('sum the bytes and rejects of each pair in these logs, without rules; much faster than replay')
    .argument(...paths)
    .option(...networks)
    .option(...format)
    .option(
      '--threads <n>',
      'maximum number of threads for a large file (default: number of processors)',
      positiveInteger,
    )
    .option('--json', 'output as one JSON document: files, records and pairs')
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel count flow-logs/ --json')
    .action(async (given: string[], options: CountOptions) => {
      const { count } = await import('../count/count.ts');
      await untilInterrupted((interrupted) => count(given, options, interrupted));
    });
  withMonitoredNetworksAndScope(withTimeRange(program.command('backtest')))
    .description('count the alerts that rules would have raised on these logs, and the effect of other thresholds')
    .argument(...paths)
    .option(...directory)
    .option(...networks)
    .option(...format)
    .option('--sweep <rule=n,n>', 'other thresholds to try for a rule; repeatable, once for each rule', collect)
    .option(
      '--under <n>',
      'maximum alerts a day: suggests a threshold for each rule that exceeds it',
      nonNegativeInteger,
    )
    .option('--geo <file>', 'table of "geo build", for rules on countries and AWS Regions (default: no table)')
    .option('--compare <dir>', 'other directory of rules to compare: shows the alerts that it adds and removes')
    .option(...rule)
    .option('--json', 'output as one JSON document')
    .addHelpText(
      'after',
      [
        '\nEach key counts as one alert, also within a digest. Experimental rules count too.',
        '\nExamples:',
        '  $ npx flow-sentinel backtest flow-logs/ --sweep repeated_rejects=20,50,100 --sweep data_exfiltration=50M,1G',
        '  $ npx flow-sentinel backtest flow-logs/ --under 5',
        '  $ npx flow-sentinel backtest flow-logs/ --compare my-rules/',
      ].join('\n'),
    )
    .action(async (given: string[], options: BacktestOptions) => {
      const { backtest } = await import('../backtest/backtest.ts');
      await untilInterrupted((interrupted) => backtest(given, options, interrupted));
    });
}
