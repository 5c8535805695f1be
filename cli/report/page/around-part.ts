import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { utc } from '../../../lambda/common/format-units.ts';
import { kindText } from './context-events.ts';
import { type Child, element, timeElement } from './element.ts';
import { linkedText } from './host-link.ts';
import { levelMark } from './level-mark.ts';

/**
 * Makes the part about what happened around the hosts of an alert: the raise of the level, the notes with the most telling
 * first, and the history of the updates. No elements without context events.
 */
export function aroundPart({ around, update }: Pick<AlertBody, 'around' | 'update'>): HTMLElement[] {
  return [...(around ? aroundElements(around) : []), ...(update ? historyElements(update) : [])];
}

function aroundElements({ read, asOf, notes, raised }: NonNullable<AlertBody['around']>): HTMLElement[] {
  const heading = element('h3', {}, 'Around this host');
  const small = (text: string) => element('p', { class: 'small' }, text);
  if (!read) return [heading, small('Not known: context events could not be read.')];
  const time = asOf === undefined ? '' : `, as of ${utc(asOf)} UTC`;
  if (notes.length === 0 && !raised) return [heading, small(`Nothing else within a day${time}.`)];
  return [
    heading,
    small(`The most telling first${time}.`),
    ...(raised
      ? [
          element(
            'p',
            { class: 'raised' },
            'Raised from ',
            levelMark(raised.from),
            ' to ',
            levelMark(raised.to),
            ': ',
            linkedText(raised.reason),
          ),
        ]
      : []),
    element('ul', { class: 'notes' }, ...notes.map(noteItem)),
  ];
}

function noteItem({ kind, level, text, time, raises }: NonNullable<AlertBody['around']>['notes'][number]): HTMLElement {
  return element(
    'li',
    {},
    element('span', { class: 'kind' }, kindText(kind), level !== undefined && levelMark(level), timeElement(time)),
    linkedText(text),
    raises !== undefined && element('span', { class: 'small' }, 'Raises the level: ', linkedText(raises)),
  );
}

function historyElements({ history }: NonNullable<AlertBody['update']>): HTMLElement[] {
  const item = ({ time, level, text }: (typeof history)[number], index: number): Child =>
    element(
      'li',
      {},
      element('span', { class: 'kind' }, index === 0 ? 'alert' : 'update', levelMark(level), timeElement(time)),
      linkedText(text),
    );
  return [element('h3', {}, 'History'), element('ol', { class: 'notes' }, ...history.map(item))];
}
