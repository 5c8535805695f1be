import { formatInteger } from '../../../lambda/common/format-units.ts';
import { plural } from '../../../lambda/common/text.ts';
import { button, element, integerElement, untrustedText } from './element.ts';
import { levelMark } from './level-mark.ts';
import { rankOf } from './levels.ts';
import type { ReportData, ReportRule } from './report-data.ts';
import { type Column, sortableTable } from './sortable-table.ts';

/** Makes the table of rules with their alerts. @param choose filters by the clicked rule */
export function rulesSection({ rules }: ReportData, choose: (rule: string) => void): HTMLElement {
  const table = sortableTable<ReportRule>(
    'Rules',
    [
      { heading: 'Rule', cell: (rule) => nameOf(rule, choose), by: ({ name }) => name },
      { heading: 'Title', cell: ({ title }) => untrustedText(title), by: ({ title }) => title },
      {
        heading: 'Level',
        cell: ({ level }) => levelMark(level),
        by: ({ level }) => rankOf(level),
      },
      { heading: 'Status', cell: ({ status }) => untrustedText(status), by: ({ status }) => status },
      { heading: 'Alerts', cell: ({ alerts }) => integerElement(alerts), by: ({ alerts }) => alerts, isNumber: true },
      { heading: 'Keys', cell: keysOf, by: ({ keys }) => keys, isNumber: true },
      ...(rules.some(({ unseen }) => unseen !== undefined) ? [sight] : []),
    ],
    'Alerts',
  );
  table.update(rules);
  const withoutAlerts = rules.filter(({ alerts }) => alerts === 0).length;
  const unseeing = rules.filter(({ unseen }) => unseen !== undefined).length;
  return element(
    'div',
    {},
    element(
      'p',
      { class: 'small' },
      `${plural(rules.length, 'rule')} evaluated; ${formatInteger(withoutAlerts)} without alerts.${unseeing > 0 ? ` ${formatInteger(unseeing)} could not see all flows, or need logs of a longer time.` : ''}`,
    ),
    table.element,
  );
}

/** A digest does not name all of its keys. */
function keysOf({ keys, hasMoreKeys }: ReportRule): HTMLElement {
  return hasMoreKeys ? element('span', {}, 'at least ', integerElement(keys)) : integerElement(keys);
}

/** The column of rules that could not alert on some flows. */
const sight: Column<ReportRule> = {
  heading: 'Sight',
  cell: ({ unseen = '' }) => element('span', { class: 'bad' }, untrustedText(unseen)),
  by: ({ unseen = '' }) => unseen,
};

function nameOf({ name, alerts }: ReportRule, choose: (rule: string) => void): HTMLElement {
  if (alerts === 0) return element('code', {}, untrustedText(name));
  return button(name, () => choose(name), { class: 'link', title: 'Show its alerts' });
}
