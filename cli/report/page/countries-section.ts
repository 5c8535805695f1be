import { byteSize, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { maxAgeDays } from '../../../lambda/geo/max-age.ts';
import type { OutsideRow, OutsideTraffic } from '../../statistics/outside-traffic.ts';
import { nounText } from './alert-counts.ts';
import { countryChart } from './country-chart.ts';
import { button, byteSizeElement, type Child, element, integerElement, timeElement, untrustedText } from './element.ts';
import { countryQuery } from './known-addresses.ts';
import { placeName } from './place-name.ts';
import type { ReportData } from './report-data.ts';
import { type Column, sortableTable } from './sortable-table.ts';

const daySeconds = 86_400;

/**
 * Makes the part about the places of outside addresses: a chart by country, and a table by country and operator.
 *
 * @param search filters the pairs by a text
 */
export function countriesSection(
  outside: OutsideTraffic,
  { records, period }: Pick<ReportData, 'records' | 'period'>,
  search: (text: string) => void,
): HTMLElement {
  const { rows, dataTime, outsideFlows } = outside;
  const table = sortableTable('Countries', columnsOf(search), 'Bytes out');
  table.update(rows);
  const warning = ageText(dataTime, period);
  return element(
    'div',
    {},
    element('p', {}, sumText(rows, records.counted)),
    element(
      'p',
      { class: 'small' },
      `A country is that of the registry or the operator, not where packets went. Data of ${dayText(dataTime)}.`,
    ),
    warning !== undefined && element('p', { class: 'bad' }, warning),
    outsideFlows > 0 &&
      element(
        'p',
        { class: 'small' },
        `The table leaves out ${nounText(outsideFlows, 'flow record')} between two outside addresses. --monitored-networks and --names say which addresses are inside.`,
      ),
    rows.some(({ bytesOut }) => bytesOut > 0) && countryChart(rows),
    rows.length > 0 && table.element,
  );
}

function sumText(rows: readonly OutsideRow[], counted: number): string {
  const total = (quantityOf: (row: OutsideRow) => Quantity) =>
    rows.reduce((sum: Quantity, row) => addQuantity(sum, quantityOf(row)), 0);
  const flows = rows.reduce((sum, row) => sum + row.flows, 0);
  const rejects = rows.reduce((sum, row) => sum + row.rejects, 0);
  return (
    `${formatInteger(flows)} of ${nounText(counted, 'counted flow')} with one outside end: ` +
    `${byteSize(total(({ bytesOut }) => bytesOut))} out, ${byteSize(total(({ bytesIn }) => bytesIn))} in, ${nounText(rejects, 'reject')}.`
  );
}

/** Warns if the data is much older or newer than the flows, since a report has no creation time; undefined if both fit. */
function ageText(dataTime: number, period: ReportData['period']): string | undefined {
  if (!period) return undefined;
  const older = Math.floor((period.to - dataTime) / daySeconds);
  const newer = Math.floor((dataTime - period.from) / daySeconds);
  const days = Math.max(older, newer);
  if (days <= maxAgeDays) return undefined;
  const end = days === older ? 'older than the last flow' : 'newer than the first flow';
  return `The data of ${dayText(dataTime)} is ${formatInteger(days)} days ${end}, and addresses move between operators.`;
}

function dayText(seconds: number): string {
  return utc(seconds).slice(0, 'yyyy-mm-dd'.length);
}

function columnsOf(search: (text: string) => void): readonly Column<OutsideRow>[] {
  const number = (heading: string, of: (row: OutsideRow) => number): Column<OutsideRow> => ({
    heading,
    cell: (row) => integerElement(of(row)),
    by: of,
    isNumber: true,
  });
  return [
    { heading: 'Country', cell: (row) => countryCell(row, search), by: placeName },
    { heading: 'Operator', cell: (row) => operatorCell(row, search), by: operatorText },
    {
      heading: 'Bytes out',
      cell: ({ bytesOut }) => bytesCell(bytesOut),
      by: ({ bytesOut }) => bytesOut,
      isNumber: true,
    },
    { heading: 'Bytes in', cell: ({ bytesIn }) => bytesCell(bytesIn), by: ({ bytesIn }) => bytesIn, isNumber: true },
    number('Flows', ({ flows }) => flows),
    number('Rejects', ({ rejects }) => rejects),
    number('Inside hosts', ({ insideHosts }) => insideHosts),
    number('Addresses', ({ outsideAddresses }) => outsideAddresses),
    { heading: 'First seen', cell: ({ firstSeen }) => timeCell(firstSeen), by: ({ firstSeen = 0 }) => firstSeen },
    { heading: 'Last seen', cell: ({ lastSeen }) => timeCell(lastSeen), by: ({ lastSeen = 0 }) => lastSeen },
  ];
}

/** Makes a size with its exact number of bytes below it. */
function bytesCell(bytes: Quantity): Child {
  return element('span', {}, byteSizeElement(bytes), element('span', { class: 'known' }, integerElement(bytes)));
}

function countryCell(row: OutsideRow, search: (text: string) => void): Child {
  const { country, awsRegion } = row;
  const text = placeName(row);
  if (awsRegion !== undefined) return linkTo(text, `AWS ${awsRegion}`, search);
  return country === undefined ? text : linkTo(text, countryQuery(country), search);
}

function operatorCell(row: OutsideRow, search: (text: string) => void): Child {
  const text = operatorText(row);
  return row.asn === undefined ? untrustedText(text) : linkTo(text, `AS${row.asn}`, search);
}

function operatorText({ asn, asName, operators }: OutsideRow): string {
  if (operators !== undefined) return `${formatInteger(operators)} further operators`;
  return asn === undefined ? 'not known' : `AS${asn}${asName === undefined ? '' : ` ${asName}`}`;
}

function linkTo(text: string, query: string, search: (text: string) => void): HTMLElement {
  const link = button('', () => search(query), { class: 'link place', title: 'Show its pairs' });
  link.append(untrustedText(text));
  return link;
}

function timeCell(seconds: number | undefined): Child {
  return seconds === undefined ? '' : timeElement(seconds);
}
