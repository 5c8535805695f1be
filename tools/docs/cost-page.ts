import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { costsOf, costText } from '../../cli/cost/cost.ts';
import { readPriceList } from '../../cli/cost/price-list.ts';
import { settingsShape } from '../../lib/settings/settings.ts';
import { floodCostsText } from './flood-costs.ts';

/** The page with the three examples. */
export const costPage = join(import.meta.dirname, '../../docs/operate/cost.md');

/**
 * Writes the output of `cost --records-per-day 1M 100M 10G` with the default settings, and the costs of floods, into the
 * page.
 *
 * @throws Error if the page lacks the markers
 */
export function costPageText(page: string = readFileSync(costPage, 'utf8')): string {
  const prices = readPriceList();
  const answers = costsOf({ recordsPerDay: [1e6, 100e6, 10e9] }, settingsShape.parse({}), prices);
  const bill = stripVTControlCharacters(costText(answers, prices));
  return withBlock(withBlock(page, 'bill', bill), 'flood', stripVTControlCharacters(floodCostsText(prices)));
}

function withBlock(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/operate/cost.md lacks the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\`\`\`\n${text}\`\`\`\n${page.slice(to)}`;
}
