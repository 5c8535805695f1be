import { byteSize, duration, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { plural } from '../../../lambda/common/text.ts';
import { nounText } from './alert-counts.ts';
import { type Child, element, untrustedText } from './element.ts';
import { levelCounts } from './levels.ts';
import type { PageData } from './page-data.ts';
import type { ReportData } from './report-data.ts';
import type { ShownAlert } from './shown-alert.ts';

/** Makes the header: the command, the period and the totals. */
export function pageHeader({ data, alerts, counts }: PageData): HTMLElement {
  const { period, command, records, pairCount } = data;
  const { alerts: alertCount, emails } = counts;
  const unreadable =
    records.unreadable > 0 && tile('Unreadable lines', formatInteger(records.unreadable), 'see What was read', 'bad');
  return element(
    'header',
    {},
    element('p', { class: 'product' }, 'flow-sentinel'),
    element('h1', {}, headlineOf(data, alertCount)),
    element(
      'p',
      { class: 'small' },
      period
        ? `${utc(period.from)} to ${utc(period.to)} UTC (${lengthText(period.to - period.from)}), written by `
        : 'No flows with a time. Written by ',
      element('code', {}, untrustedText(command)),
    ),
    element(
      'dl',
      { class: 'tiles' },
      tile('Alerts', formatInteger(alertCount), alertDetailText(alerts, alertCount, emails)),
      tile('Flows counted', formatInteger(records.counted), `of ${formatInteger(records.flows)} logged`),
      tile('Accepted', byteSize(records.bytes), `${formatInteger(records.bytes)} bytes`),
      tile('Rejects', formatInteger(records.rejects), 'flow records'),
      tile('Pairs', formatInteger(pairCount), 'source and destination'),
      unreadable,
    ),
  );
}

function headlineOf({ alerts }: ReportData, alertCount: number): string {
  const { size } = new Set(alerts.filter(({ body }) => !body.ended).map(({ body }) => body.rule));
  return alertCount === 0 ? 'No alerts' : `${nounText(alertCount, 'alert')} of ${plural(size, 'rule')}`;
}

function alertDetailText(alerts: readonly ShownAlert[], alertCount: number, emails: number): string {
  if (alertCount === 0) return 'no rule alerted';
  const counts = levelCounts(alerts);
  return emails === alertCount ? counts : `${counts}; in ${formatInteger(emails)} e-mails`;
}

function tile(name: string, value: string, more: string, kind?: string): Child {
  return element(
    'div',
    { class: kind },
    element('dt', {}, name),
    element('dd', { class: 'big' }, value),
    element('dd', { class: 'small' }, more),
  );
}

/** Formats the length of a period: `50 min`, `27 h` or `3 d`. */
function lengthText(seconds: number): string {
  if (seconds < 7200) return duration(seconds < 60 ? seconds : Math.round(seconds / 60) * 60);
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
