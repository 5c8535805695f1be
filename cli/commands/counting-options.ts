import { type Command, Option } from 'commander';
import { countingWays, defaultCountEvery } from '../replay/counting.ts';
import { flushMinutes } from './option-parsers.ts';

/**
 * Adds `--counting` and `--count-every`, which name the settings of a stack (replay/scheduled-flush.ts).
 *
 * @param isOfStage whether the settings of `--stage` apply where an option is missing
 */
export function withCounting(command: Command, isOfStage: boolean): Command {
  const defaultOf = (setting: string, value: string) => (isOfStage ? `${setting} of --stage, or ${value}` : value);
  return command
    .addOption(
      new Option(
        '--counting <way>',
        `way to count: each batch directly, or together by a journal (default: ${defaultOf('counting', 'direct')})`,
      ).choices(countingWays),
    )
    .option(
      '--count-every <minutes>',
      `minutes from one flush of a journal to the next, 1 to 15 (default: ${defaultOf('countEvery', String(defaultCountEvery))})`,
      flushMinutes,
    );
}
