import { element } from './element.ts';
import { type Filters, noFilters, orders, readTime, writeTime } from './filters.ts';
import { levels } from './levels.ts';
import type { ShownAlert } from './shown-alert.ts';

/** The form that filters alerts. */
export interface FilterForm {
  readonly element: HTMLElement;
  /** Sets the fields to the filters. */
  show(filters: Filters): void;
}

/** Makes the form. @param change receives the changed filters */
export function filterForm(alerts: readonly ShownAlert[], change: (part: Partial<Filters>) => void): FilterForm {
  const rules = [...new Set(alerts.map(({ rule }) => rule))].sort();
  const found = levels.filter((level) => alerts.some((one) => one.level === level));
  const level = select('Level', [['', 'all'], ...found.map((one) => [one, one] as const)], (value) =>
    change({ level: value }),
  );
  const rule = select('Rule', [['', 'all'], ...rules.map((one) => [one, one] as const)], (value) =>
    change({ rule: value }),
  );
  const text = input('Address or text', 'search', '', (value) => change({ text: value }));
  const from = timeInput('From (UTC)', (value) => change({ from: value }));
  const to = timeInput('Before (UTC)', (value) => change({ to: value }));
  const names = { level: 'most severe first', latest: 'latest first', earliest: 'earliest first' };
  const order = select(
    'Order',
    orders.map((one) => [one, names[one]] as const),
    (value) => {
      change({ order: value as Filters['order'] });
    },
  );
  const reset = element('button', { type: 'reset' }, 'Reset');
  const fields = [level, rule, text, from, to, order].map(({ place }) => place);
  const form = element('form', { role: 'search', 'aria-label': 'Filter alerts', class: 'filters' }, ...fields, reset);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    change(noFilters);
  });
  return {
    element: form,
    show(filters) {
      level.field.value = filters.level;
      rule.field.value = filters.rule;
      order.field.value = filters.order;
      // Does not change a field while the user types.
      if (document.activeElement !== text.field) text.field.value = filters.text;
      for (const [{ field }, at] of [
        [from, filters.from],
        [to, filters.to],
      ] as const) {
        if (readTime(field.value) !== at) field.value = at === undefined ? '' : writeTime(at);
        field.setCustomValidity('');
      }
    },
  };
}

function select(label: string, choices: readonly (readonly [string, string])[], change: (value: string) => void) {
  const options = choices.map(([value, text]) => element('option', { value }, text));
  const field = element('select', {}, ...options);
  field.addEventListener('change', () => change(field.value));
  return { field, place: labelled(label, field) };
}

function input(label: string, type: string, placeholder: string, change: (value: string) => void) {
  const field = element('input', { type, placeholder, autocomplete: 'off', spellcheck: 'false' });
  field.addEventListener('input', () => change(field.value));
  return { field, place: labelled(label, field) };
}

function labelled(label: string, field: HTMLElement): HTMLElement {
  field.id = `by-${label.split(' ')[0]!.toLowerCase()}`;
  return element('div', { class: 'field' }, element('label', { for: field.id }, label), field);
}

function timeInput(label: string, change: (value: number | undefined) => void) {
  const made = input(label, 'text', '2026-11-24 09:00', (value) => {
    const at = readTime(value);
    const isWrong = at === undefined && value.trim() !== '';
    made.field.setCustomValidity(isWrong ? 'a time in UTC such as 2026-11-24 09:00' : '');
    made.field.setAttribute('aria-invalid', String(isWrong));
    if (!isWrong) change(at);
  });
  return made;
}
