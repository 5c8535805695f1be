import { type Command, Option } from 'commander';
import { styleNames } from '../../events/corpus.ts';
import type { CostOptions } from '../cost/cost.ts';
import { magnitude, magnitudes, nonNegativeInteger } from './option-parsers.ts';

/** The command that says what a month costs. */
export function addCost(program: Command): void {
  const kind = (name: string, what: string, choices: readonly string[]) =>
    new Option(`--${name} <kind>`, what).choices(choices);
  program
    .command('cost')
    .description('say what a month costs, by service, what drives the bill, and what would lower it')
    .option('--records-per-day <n...>', 'flow records a day, such as 1M 100M 10G: a column for each', magnitudes)
    .option(
      '--pairs <n>',
      'distinct pairs of addresses a day; for none, as many as the measured traffic has',
      magnitude,
    )
    .option('--stage <name>', 'the stage of flow-sentinel.json whose settings hold where no option says otherwise')
    .addOption(kind('traffic', 'the measured traffic to go by; the mean of all for none', styleNames))
    .addOption(kind('way-in', 'how flow logs come', ['flow-logs', 'log-group']))
    .addOption(kind('lake-format', 'lakeFormat, in place of that in flow-sentinel.json', ['parquet', 'json']))
    .addOption(kind('lake-partition', 'lakePartition', ['date', 'account', 'vpc']))
    .option(
      '--partitions <n>',
      'how many accounts or VPCs there are, where the lake is parted by them',
      nonNegativeInteger,
    )
    .addOption(kind('encryption', 'encryption', ['aws', 'own']))
    .option('--lake-cold-after-days <n>', 'lakeColdAfterDays, 0 for never', nonNegativeInteger)
    .option('--lake-expire-after-days <n>', 'lakeExpireAfterDays, 0 for never', nonNegativeInteger)
    .option('--retention-days <n>', 'retentionDays', nonNegativeInteger)
    .option('--mails-per-day <n>', 'alerts a day, times those who get them', nonNegativeInteger)
    .option('--prices <file>', 'another price list, of the shape of cli/cost/prices-us-east-1.json')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ flow-sentinel cost --records-per-day 1M 100M 10G')
    .action(async (options: CostOptions) => {
      const { cost } = await import('../cost/cost.ts');
      await cost(options);
    });
}
