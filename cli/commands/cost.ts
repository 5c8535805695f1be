import { type Command, InvalidArgumentError, Option } from 'commander';
import { styleNames } from '../../events/style-names.ts';
import type { CostOptions } from '../cost/cost-answer.ts';
import { countingWays } from '../replay/counting.ts';
import { flushMinutes, magnitude, magnitudes, nonNegativeInteger } from './option-parsers.ts';

/** Adds the command that estimates the cost of a month. */
export function addCost(program: Command): void {
  const kind = (name: string, description: string, choices: readonly string[]) =>
    new Option(`--${name} <kind>`, description).choices(choices);
  program
    .command('cost')
    .description('estimate the cost of a month by service, its main drivers and possible savings')
    .option('--records-per-day <n...>', 'flow records a day, such as 1M 100M 10G; one column for each', magnitudes)
    .option('--pairs <n>', 'distinct pairs of addresses a day (default: as measured)', magnitude)
    .option(
      '--stage <name>',
      'stage of flow-sentinel.json whose settings apply where no option is given (default: the stage named default, or the only one)',
    )
    .addOption(kind('traffic', 'style of the measured traffic; by default the mean of all', styleNames))
    .addOption(
      kind('way-in', 'delivery of the flow logs; by default as in flow-sentinel.json', ['flow-logs', 'log-group']),
    )
    .option(
      '--buffer-interval-seconds <n>',
      'bufferIntervalSeconds, 60 or 300 (default: as in flow-sentinel.json)',
      bufferInterval,
    )
    .addOption(kind('counting', 'way to count (default: as in flow-sentinel.json)', countingWays))
    .option(
      '--count-every <minutes>',
      'countEvery: minutes between two flushes of a journal, 1 to 15 (default: as in flow-sentinel.json)',
      flushMinutes,
    )
    .option('--count-lanes <n>', 'countLanes, 16 or 128 (default: as in flow-sentinel.json)', countLanes)
    .addOption(kind('lake-format', 'lakeFormat; by default as in flow-sentinel.json', ['parquet', 'json']))
    .addOption(kind('lake-partition', 'lakePartition; by default as in flow-sentinel.json', ['date', 'account', 'vpc']))
    .option(
      '--partitions <n>',
      'number of accounts or VPCs by which the lake is partitioned (default: 10)',
      nonNegativeInteger,
    )
    .addOption(kind('encryption', 'encryption; by default as in flow-sentinel.json', ['aws', 'own']))
    .option(
      '--lake-cold-after-days <n>',
      'lakeColdAfterDays, 0 for never (default: as in flow-sentinel.json)',
      nonNegativeInteger,
    )
    .option(
      '--lake-expire-after-days <n>',
      'lakeExpireAfterDays, 0 for never (default: as in flow-sentinel.json)',
      nonNegativeInteger,
    )
    .option('--retention-days <n>', 'retentionDays (default: as in flow-sentinel.json)', nonNegativeInteger)
    .option('--mails-per-day <n>', 'e-mails a day: alerts, times their recipients (default: 30)', nonNegativeInteger)
    .option('--region <region>', 'region of the prices: us-east-1 or eu-central-1 (default: us-east-1)')
    .option('--prices <file>', 'price list of another region (default: the list of --region)')
    .option('--json', 'output as one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx flow-sentinel cost --records-per-day 1M 100M 10G\n  $ npx flow-sentinel cost --records-per-day 100M --region eu-central-1\n  $ npx flow-sentinel cost --records-per-day 100M --counting journal --count-every 15',
    )
    .action(async (options: CostOptions) => {
      const { cost } = await import('../cost/cost.ts');
      await cost(options);
    });
}

function countLanes(text: string): number {
  if (text === '16' || text === '128') return Number(text);
  throw new InvalidArgumentError('expected 16 or 128.');
}

function bufferInterval(text: string): 60 | 300 {
  if (text === '60') return 60;
  if (text === '300') return 300;
  throw new InvalidArgumentError('expected 60 or 300.');
}
