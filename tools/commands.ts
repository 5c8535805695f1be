import { type Command, Option } from 'commander';
import { nonNegativeInteger, positiveInteger, positiveMinutes } from '../cli/commands/option-parsers.ts';
import { CheckFailed } from '../cli/terminal/exit-signals.ts';
import { styleNames } from '../events/corpus.ts';
import type { ChaosOptions } from './chaos/chaos.ts';
import type { DetectionsOptions } from './detections/detections.ts';
import type { FuzzOptions } from './fuzz/fuzz.ts';

/** Defines the commands that only this repository runs. */
export function addTools(program: Command): void {
  program
    .command('chaos')
    .description('run seeded schedules of faults against the function, and search for a wrong count or a lost alert')
    .option('--minutes <n>', 'duration of the search', positiveMinutes, 1)
    .option('--seed <n>', 'first seed; the same seed gives the same schedules (default: random)', nonNegativeInteger)
    .addOption(
      new Option('--store <kind>', 'store and topic: in memory, or the embedded stack over HTTP')
        .choices(['memory', 'local'])
        .default('memory'),
    )
    .option('--json', 'print one JSON document')
    .action(async (options: ChaosOptions) => {
      const { chaos } = await import('./chaos/chaos.ts');
      if (!(await chaos(options))) throw new CheckFailed();
    });
  program
    .command('fuzz')
    .description('fuzz the parser and the rule compiler with hostile input')
    .option('--cases <n>', 'total number of cases', positiveInteger, 1_000_000)
    .option('--seed <n>', 'first seed; the same seed gives the same cases (default: random)', nonNegativeInteger)
    .action(async (options: FuzzOptions) => {
      const { fuzz } = await import('./fuzz/fuzz.ts');
      if (!fuzz(options)) throw new CheckFailed();
    });
  program
    .command('detections')
    .description('replay labelled traffic, and measure recall and false positives of each rule')
    .addOption(new Option('--style <name>', 'a style of traffic (default: all)').choices(styleNames))
    .option('--write', 'write the table into docs/rules/detection-quality.md')
    .option('--json', 'print one JSON document')
    .action(async (options: DetectionsOptions) => {
      const { detections } = await import('./detections/detections.ts');
      if (!(await detections(options))) throw new CheckFailed();
    });
  program
    .command('measure-cost')
    .description('measure the sizes and times of the cost model, and write cli/cost/measured.json; takes some minutes')
    .action(async () => {
      const { measureCost } = await import('./cost/measure-cost.ts');
      await measureCost();
    });
}
