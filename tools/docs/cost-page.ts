import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { alternativesMarkdown } from '../../cli/cost/comparison-text.ts';
import { costsOf } from '../../cli/cost/cost-answer.ts';
import { billText, costText } from '../../cli/cost/cost-text.ts';
import { dollars } from '../../cli/cost/dollars.ts';
import { type LakeWay, lakeWaysOf, questionsToPay } from '../../cli/cost/lake-ways.ts';
import { meanTraffic, readMeasured } from '../../cli/cost/measured-traffic.ts';
import { type Price, type PriceList, pricedRegions, priceFile, readPriceList } from '../../cli/cost/price-list.ts';
import { usageOf } from '../../cli/cost/usage.ts';
import { formatMagnitude } from '../../cli/terminal/magnitude.ts';
import { settingsShape } from '../../lib/settings/settings.ts';
import { countingTable } from './counting-table.ts';
import { floodCostsText } from './flood-costs.ts';

/** The page with the three examples. */
export const costPage = join(import.meta.dirname, '../../docs/operate/cost.md');

/**
 * Writes the generated blocks of the page: the output of `cost --records-per-day 1M 100M 10G` with the default settings,
 * its bill in Frankfurt, the ways to count and to make the lake, the bills of other services, the costs of floods, and all prices.
 *
 * @throws Error if the page lacks the markers
 */
export function costPageText(page: string = readFileSync(costPage, 'utf8')): string {
  const prices = readPriceList();
  const frankfurt = readPriceList(priceFile('eu-central-1'));
  const answers = answersOf(prices);
  const blocks = {
    bill: codeBlock(costText(answers, prices)),
    'bill-eu-central-1': codeBlock(billText(answersOf(frankfurt), frankfurt)),
    counting: countingTable(prices),
    lake: lakeTable(prices),
    alternatives: alternativesMarkdown(answers),
    flood: codeBlock(floodCostsText(prices)),
    prices: priceTable(pricedRegions().map((region) => readPriceList(priceFile(region)))),
  };
  return Object.entries(blocks).reduce((text, [name, block]) => withBlock(text, name, block), page);
}

const volumes = [1e6, 100e6, 10e9];

function answersOf(prices: PriceList) {
  return costsOf({ recordsPerDay: volumes }, settingsShape.parse({}), prices);
}

/** The questions of a month in the table of the lake. */
const questions = 1000;

/** Formats what each way to make the lake costs with a thousand questions, and from how many it pays against JSON. */
function lakeTable(prices: PriceList): string {
  const { styles } = readMeasured();
  const ways = volumes.map((recordsPerDay) =>
    lakeWaysOf({ ...usageOf(settingsShape.parse({})), recordsPerDay }, meanTraffic(Object.values(styles)), prices),
  );
  const pays = (way: LakeWay, json: LakeWay) => {
    const needed = questionsToPay(way, json);
    return needed === undefined ? '' : formatMagnitude(Number(needed.toPrecision(2)));
  };
  return [
    `| lake | ${volumes.map((volume) => `${formatMagnitude(volume)} a day`).join(' | ')} | a question at 100 M | pays from |\n`,
    `|---|${'--:|'.repeat(volumes.length + 2)}\n`,
    ...ways[0]!.map(({ name, verified }, index) => {
      const months = ways.map((ofVolume) =>
        dollars(ofVolume[index]!.makeUsd + questions * ofVolume[index]!.questionUsd),
      );
      const [way, json] = [ways[1]![index]!, ways[1]![1]!];
      const question = `$${way.questionUsd.toFixed(4)}`;
      return `| ${name}${verified ? '' : ' \\*'} | ${months.join(' | ')} | ${question} | ${pays(way, json)} |\n`;
    }),
  ].join('');
}

/** Formats the prices of the regions as a Markdown table; a star marks a price that is not verified. */
function priceTable(lists: readonly PriceList[]): string {
  const cell = ({ tiers, verified }: Price) =>
    `${tiers.map(({ usd }) => plainNumber(usd)).join(', ')}${verified ? '' : ' \\*'}`;
  const names = Object.keys(lists[0]!.prices) as (keyof PriceList['prices'])[];
  return [
    `| price | unit | ${lists.map(({ region }) => region).join(' | ')} |`,
    `|---|---|${'--:|'.repeat(lists.length)}`,
    ...names.map(
      (name) =>
        `| \`${name}\` | ${lists[0]!.prices[name].unit} | ${lists.map(({ prices }) => cell(prices[name])).join(' | ')} |`,
    ),
    '',
  ].join('\n');
}

/** Formats a price without an exponent, such as 0.0000054. */
function plainNumber(usd: number): string {
  return usd.toLocaleString('en-US', { maximumFractionDigits: 12 });
}

function codeBlock(text: string): string {
  return `\`\`\`\n${stripVTControlCharacters(text)}\`\`\`\n`;
}

function withBlock(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/operate/cost.md lacks the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n${text}${page.slice(to)}`;
}
