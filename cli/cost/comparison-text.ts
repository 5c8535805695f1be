import { formatMagnitude } from '../terminal/magnitude.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { Bill } from './bill.ts';
import type { Alternative } from './comparison.ts';
import { dollars } from './dollars.ts';
import type { Usage } from './usage.ts';

/** The bill of one volume, and those of other services. */
interface Compared {
  readonly usage: Usage;
  readonly bill: Bill;
  readonly alternatives: readonly Alternative[];
}

/** Formats the bills of other services beside that of flow-sentinel, with a star where a price is not verified. */
export function alternativesText(answers: readonly Compared[]): string {
  const volumes = answers.map(({ usage }) => `${formatMagnitude(usage.recordsPerDay)} a day`);
  const rows = answers[0]!.alternatives.map(({ service }, index) => {
    const ofService = answers.map(({ alternatives }) => alternatives[index]!);
    const star = ofService.every(({ verified }) => verified) ? '' : ' *';
    return [`${service}${star}`, ...ofService.map(({ usd }) => dollars(usd))];
  });
  return [
    heading('The same records elsewhere, US dollars a month'),
    table(
      ['service', ...volumes],
      [['flow-sentinel, as above', ...answers.map(({ bill }) => dollars(bill.usd))], ...rows],
      volumes.map((_, column) => column + 1),
    ),
    `  Bytes of a record: ${bytesText(answers[0]!.alternatives)}.\n  No service does the same: docs/operate/cost.md says what each does more, and what less.\n`,
  ].join('\n');
}

function bytesText(alternatives: readonly Alternative[]): string {
  const [guardDuty, ...others] = alternatives.map(({ bytesPerRecord }) => Math.round(bytesPerRecord));
  return `${guardDuty} for GuardDuty (assumed: AWS's default format), ${others[0]} for the others (the deployed format)`;
}

/** Formats the lines of each bill, and the differences, as Markdown. */
export function alternativesMarkdown(answers: readonly Compared[]): string {
  const volumes = answers.map(({ usage }) => `${formatMagnitude(usage.recordsPerDay)} a day`);
  const lines = (service: Alternative, index: number) =>
    service.lines.map(({ item, unit, verified }, line) => {
      const usd = answers.map(({ alternatives }) => dollars(alternatives[index]!.lines[line]!.usd));
      return `| ${line === 0 ? service.service : ''} | ${item}${verified ? '' : ' \\*'} | ${unit} | ${usd.join(' | ')} |\n`;
    });
  const services = answers[0]!.alternatives;
  return [
    `| service | line | billed by | ${volumes.join(' | ')} |\n|---|---|---|${'--:|'.repeat(volumes.length)}\n`,
    ...services.flatMap(lines),
    '\n',
    ...services.map(({ service, more, less }) => `- **${service}** does more: ${more}. It does not do: ${less}.\n`),
  ].join('');
}
