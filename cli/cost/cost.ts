import { settingsOfStage } from '../deployment/stage-settings.ts';
import { InputError } from '../terminal/input-error.ts';
import { type CostOptions, costsOf } from './cost-answer.ts';
import { costText } from './cost-text.ts';
import type { Counting } from './counting.ts';
import { priceFile, readPriceList } from './price-list.ts';

/**
 * Prints the bill of a month by service, for each given volume.
 *
 * @throws InputError if a volume, the stage, the region or the price list is missing or invalid
 * @throws InputError for an option of a journal with direct counting
 * @throws FlowError `CONFIG_INVALID` or `RULE_INVALID` for mistakes in flow-sentinel.json or rules
 */
export async function cost({ json, stage, region, prices, ...options }: CostOptions): Promise<void> {
  if (region !== undefined && prices !== undefined)
    throw new InputError('--region and --prices exclude each other: the price list names its region');
  const priceList = readPriceList(prices ?? priceFile(region));
  const settings = settingsOfStage(stage);
  checkJournalOptions(options, options.counting ?? settings.counting);
  const answers = costsOf(options, settings, priceList);
  const { written } = priceList;
  process.stdout.write(
    json
      ? `${JSON.stringify({ region: priceList.region, written, answers }, null, 2)}\n`
      : costText(answers, priceList),
  );
}

function checkJournalOptions({ countEvery, countLanes }: Partial<Counting>, way: Counting['counting']): void {
  if (way === 'journal') return;
  for (const [option, value] of Object.entries({ '--count-every': countEvery, '--count-lanes': countLanes }))
    if (value !== undefined)
      throw new InputError(
        `${option} is invalid: got ${value} with direct counting, expected a journal: add --counting journal`,
      );
}
