import { type Command, Option } from 'commander';
import { countingWays } from '../replay/counting.ts';
import { flushMinutes } from './option-parsers.ts';

/** Adds `--counting` and `--count-every`, which name the settings of a stack (replay/scheduled-flush.ts). */
export function withCounting(command: Command): Command {
  return command
    .addOption(
      new Option('--counting <way>', 'way to count: each batch directly, or together by a journal')
        .choices(countingWays)
        .default('direct'),
    )
    .option(
      '--count-every <minutes>',
      'minutes from one flush of a journal to the next, 1 to 15 (default: 5)',
      flushMinutes,
    );
}
