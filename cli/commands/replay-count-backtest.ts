import { type Command, Option } from 'commander';
import type { BacktestOptions } from '../backtest/backtest.ts';
import type { CountOptions } from '../count/count.ts';
import type { ReplayOptions } from '../replay/replay.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { collect, nonNegativeInteger, positiveInteger } from './option-parsers.ts';

/** The commands that judge the past by flow log files. */
export function addReplayCountBacktest(program: Command): void {
  const paths = ['<path...>', 'flow log files, folders of them, or s3:// addresses'] as const;
  const directory = ['--rules <dir>', 'Sigma rules to judge by, instead of those in rules/'] as const;
  const networks = ['--networks <file>', 'named networks, instead of networks.yml beside the rules'] as const;
  const format = [
    '--format <fields>',
    'the flow log format of files without a header, as AWS writes it or as field names; once for each',
    collect,
  ] as const;
  program
    .command('replay')
    .description('say what would have been counted and alerted, had it been deployed when these logs were written')
    .argument(...paths)
    .option(...directory)
    .option(...networks)
    .option(...format)
    .addOption(
      new Option('--store <kind>', 'where counters are: memory, or the handler on the embedded stack, which is slow')
        .choices(['memory', 'local'])
        .default('memory'),
    )
    .option('--alerts <file>', 'write all alerts into a file, a JSON line each')
    .option('--report <file>', 'write a report besides: one HTML file to look around in, to keep or to pass on')
    .option('--json', 'print one JSON document: files, records, pairs and alerts')
    .addHelpText(
      'after',
      '\nExamples:\n  $ flow-sentinel replay flow-logs/\n  $ flow-sentinel replay flow-logs/ --report report.html --alerts alerts.jsonl',
    )
    .action(async (given: string[], options: ReplayOptions) => {
      const { replay } = await import('../replay/replay.ts');
      await untilInterrupted((interrupted) => replay(given, options, interrupted));
    });
  program
    .command('count')
    .description(
      'add up the bytes and rejects of each pair in these logs, and judge nothing: many times as fast as replay',
    )
    .argument(...paths)
    .option(...networks)
    .option(...format)
    .option(
      '--threads <n>',
      'how many threads may count a long file at once; as many as there are processors',
      positiveInteger,
    )
    .option('--json', 'print one JSON document: files, records and pairs')
    .addHelpText('after', '\nExample:\n  $ flow-sentinel count flow-logs/ --json')
    .action(async (given: string[], options: CountOptions) => {
      const { count } = await import('../count/count.ts');
      await untilInterrupted((interrupted) => count(given, options, interrupted));
    });
  program
    .command('backtest')
    .description('count the alerts that rules would have made of these logs, and what other thresholds would change')
    .argument(...paths)
    .option(...directory)
    .option(...networks)
    .option(...format)
    .option('--sweep <rule=n,n>', 'try other thresholds of a rule; once for each rule', collect)
    .option(
      '--under <n>',
      'for each rule with more alerts a day, look for the threshold that keeps it to so many',
      nonNegativeInteger,
    )
    .option('--compare <dir>', 'judge by these rules as well, and show which alerts come and go')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      [
        '\nAn alert here is one for one key, be it told of in a digest or not. Experimental rules count too.',
        '\nExamples:',
        '  $ flow-sentinel backtest flow-logs/ --sweep repeated_rejects=20,50,100 --sweep data_exfiltration=50M,1G',
        '  $ flow-sentinel backtest flow-logs/ --under 5',
        '  $ flow-sentinel backtest flow-logs/ --compare my-rules/',
      ].join('\n'),
    )
    .action(async (given: string[], options: BacktestOptions) => {
      const { backtest } = await import('../backtest/backtest.ts');
      await untilInterrupted((interrupted) => backtest(given, options, interrupted));
    });
}
