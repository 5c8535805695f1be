import { type Command, Option } from 'commander';
import { nonNegativeInteger, positiveMinutes } from '../cli/commands/option-parsers.ts';
import { CheckFailed } from '../cli/terminal/exit-signals.ts';
import { styleNames } from '../events/corpus.ts';
import type { ChaosOptions } from './chaos/chaos.ts';
import type { DetectionsOptions } from './detections/detections.ts';
import type { FuzzOptions } from './fuzz/fuzz.ts';

/** Defines the commands that only this repository runs: proofs, measurements and what writes docs. */
export function addTools(program: Command): void {
  program
    .command('chaos')
    .description('run seeded schedules of faults against the function, and look for a wrong count or a lost alert')
    .option('--minutes <n>', 'how long', positiveMinutes, 1)
    .option('--seed <n>', 'where to begin; the same seed gives the same schedules', nonNegativeInteger)
    .addOption(
      new Option('--store <kind>', 'memory, or the embedded stack over HTTP')
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
    .description('hold what is promised of any input against hostile inputs')
    .option('--cases <n>', 'how many', nonNegativeInteger, 1_000_000)
    .option('--seed <n>', 'where to begin; the same seed gives the same cases', nonNegativeInteger)
    .action(async (options: FuzzOptions) => {
      const { fuzz } = await import('./fuzz/fuzz.ts');
      if (!fuzz(options)) throw new CheckFailed();
    });
  program
    .command('detections')
    .description(
      'replay days of labelled traffic, and measure how many attacks each rule finds and what it says in vain',
    )
    .addOption(new Option('--style <name>', 'one style of traffic only').choices(styleNames))
    .option('--write', 'write the table into docs/rules/detection-quality.md')
    .option('--json', 'print one JSON document')
    .action(async (options: DetectionsOptions) => {
      const { detections } = await import('./detections/detections.ts');
      if (!(await detections(options))) throw new CheckFailed();
    });
  program
    .command('measure-cost')
    .description(
      'measure what the cost model assumes of traffic and items, and write cli/cost/measured.json; some minutes',
    )
    .action(async () => {
      const { measureCost } = await import('./cost/measure-cost.ts');
      await measureCost();
    });
}
