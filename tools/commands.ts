import { type Command, Option } from 'commander';
import { withCounting } from '../cli/commands/counting-options.ts';
import { positiveInteger, positiveMinutes, seedNumber } from '../cli/commands/option-parsers.ts';
import { CheckFailed } from '../cli/terminal/exit-signals.ts';
import { styleNames } from '../events/style-names.ts';
import type { ChaosOptions } from './chaos/chaos.ts';
import { countingOptions } from './chaos/counting-option.ts';
import type { DetectionsOptions } from './detections/detections.ts';
import type { FuzzOptions } from './fuzz/fuzz.ts';
import type { MutateOptions } from './mutate/mutate.ts';
import { rooms } from './mutate/rooms.ts';

/** Defines the commands that only this repository runs. */
export function addTools(program: Command): void {
  program
    .command('chaos')
    .description('run seeded schedules of faults against the function, and search for a wrong count or a lost alert')
    .option('--minutes <n>', 'duration of the search', positiveMinutes, 1)
    .option('--seed <n>', 'first seed; the same seed gives the same schedules (default: random)', seedNumber)
    .addOption(
      new Option('--store <kind>', 'store and topic: in memory, or the embedded stack over HTTP')
        .choices(['memory', 'local'])
        .default('memory'),
    )
    .addOption(
      new Option('--counting <kind>', 'batches counted directly, by the journal, or a share of each')
        .choices([...countingOptions])
        .default('both'),
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
    .option('--seed <n>', 'first seed; the same seed gives the same cases (default: random)', seedNumber)
    .action(async (options: FuzzOptions) => {
      const { fuzz } = await import('./fuzz/fuzz.ts');
      if (!fuzz(options)) throw new CheckFailed();
    });
  withCounting(program.command('detections'), false)
    .description('replay labelled traffic, and measure recall and false positives of each rule')
    .addOption(new Option('--style <name>', 'a style of traffic (default: all)').choices(styleNames))
    .option('--write', 'write the table into docs/rules/detection-quality.md')
    .option('--json', 'print one JSON document')
    .action(async (options: DetectionsOptions) => {
      const { detections } = await import('./detections/detections.ts');
      if (!(await detections(options))) throw new CheckFailed();
    });
  program
    .command('mutate')
    .description('plant single faults in the pure rooms, and list those that the tests of their room do not find')
    .option('--sample <n>', 'number of faults, over all rooms (default: all)', positiveInteger)
    .option('--seed <n>', 'seed of the sample; the same seed gives the same faults (default: random)', seedNumber)
    .addOption(new Option('--room <folder...>', 'rooms (default: all)').choices(Object.keys(rooms)))
    .option('--json', 'print one JSON document')
    .action(async (options: MutateOptions) => {
      const { mutate } = await import('./mutate/mutate.ts');
      if (!(await mutate(options))) throw new CheckFailed();
    });
  program
    .command('measure-cost')
    .description('measure the sizes and times of the cost model, and write cli/cost/measured.json; takes some minutes')
    .action(async () => {
      const { measureCost } = await import('./cost/measure-cost.ts');
      await measureCost();
    });
}
