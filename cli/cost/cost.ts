import { settingsOfStage } from '../deployment/stage-settings.ts';
import { InputError } from '../terminal/input-error.ts';
import { type CostOptions, costsOf } from './cost-answer.ts';
import { costText } from './cost-text.ts';
import { priceFile, readPriceList } from './price-list.ts';

/**
 * Prints the bill of a month by service, for each given volume.
 *
 * @throws InputError if a volume, the stage, the region or the price list is missing or invalid
 * @throws FlowError `CONFIG_INVALID` or `RULE_INVALID` for mistakes in flow-sentinel.json or rules
 */
export async function cost({ json, stage, region, prices, ...options }: CostOptions): Promise<void> {
  if (region !== undefined && prices !== undefined)
    throw new InputError('--region and --prices exclude each other: the price list names its region');
  const priceList = readPriceList(prices ?? priceFile(region));
  const answers = costsOf(options, settingsOfStage(stage), priceList);
  const { written } = priceList;
  process.stdout.write(
    json
      ? `${JSON.stringify({ region: priceList.region, written, answers }, null, 2)}\n`
      : costText(answers, priceList),
  );
}
