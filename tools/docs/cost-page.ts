import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { costsOf, costText } from '../../cli/cost/cost.ts';
import { readPriceList } from '../../cli/cost/price-list.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

/** The page with the three examples. */
export const costPage = join(import.meta.dirname, '../../docs/operate/cost.md');

const [begin, end] = ['<!-- bill:begin -->', '<!-- bill:end -->'];

/**
 * Writes the output of `cost --records-per-day 1M 100M 10G` with the default settings into the page.
 *
 * @throws Error if the page lacks the markers
 */
export function costPageText(page: string = readFileSync(costPage, 'utf8')): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/operate/cost.md lacks the lines ${begin} and ${end}`);
  const prices = readPriceList();
  const answers = costsOf({ recordsPerDay: [1e6, 100e6, 10e9] }, settingsShape.parse({}), prices);
  const text = stripVTControlCharacters(costText(answers, prices));
  return `${page.slice(0, from)}${begin}\n\`\`\`\n${text}\`\`\`\n${page.slice(to)}`;
}
