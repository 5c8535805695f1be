import { formatInteger } from '../../../lambda/common/format-units.ts';
import { button, type Child, element, replaceChildren } from './element.ts';

/** A column of a table. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => Child;
  /** Sort key of a row; without it the column is not sortable. Numbers start with the largest. */
  readonly by?: (row: Row) => string | number | bigint;
  readonly isNumber?: boolean;
  /** Whether the column has buttons, which paper does not have. */
  readonly isControl?: boolean;
}

/** A table with sortable columns. */
export interface SortableTable<Row> {
  readonly element: HTMLElement;
  update(rows: readonly Row[]): void;
}

const pageLength = 50;

/** Makes a table that is sorted by clicking its headings. It shows fifty rows at first. @param sortedBy initial column */
export function sortableTable<Row>(
  name: string,
  columns: readonly Column<Row>[],
  sortedBy: string | undefined = undefined,
): SortableTable<Row> {
  let rows: readonly Row[] = [];
  let length = pageLength;
  let sorted = { heading: sortedBy, isAscending: false };
  const body = element('tbody');
  const headings = columns.map((column) => {
    const kind = kindOf(column);
    if (!column.by) return element('th', { scope: 'col', class: kind }, column.heading);
    const sort = () => {
      const isAgain = sorted.heading === column.heading;
      sorted = { heading: column.heading, isAscending: isAgain ? !sorted.isAscending : !column.isNumber };
      show();
    };
    return element('th', { scope: 'col', class: kind }, button(column.heading, sort, { class: 'sort' }));
  });
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...headings)), body);
  const more = button('', () => {
    length += pageLength;
    show();
  });
  const scroll = element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': name }, table);
  const onPaper = element('p', { class: 'paper' });
  const container = element('div', {}, scroll, more, onPaper);

  function show(): void {
    const column = columns.find(({ heading }) => heading === sorted.heading);
    const inOrder = column?.by ? rows.toSorted(comparing(column.by, sorted.isAscending)) : rows;
    for (const [index, heading] of headings.entries()) {
      const { heading: text, by } = columns[index]!;
      if (!by) continue;
      const isSorted = text === sorted.heading;
      heading.setAttribute('aria-sort', isSorted ? (sorted.isAscending ? 'ascending' : 'descending') : 'none');
    }
    replaceChildren(body, ...inOrder.slice(0, length).map((row) => rowOf(row, columns)));
    const left = rows.length - length;
    more.hidden = left <= 0;
    onPaper.textContent = left <= 0 ? '' : `${formatInteger(left)} more rows are in the file, not on paper.`;
    more.textContent = `Show ${formatInteger(Math.min(left, pageLength))} more of ${formatInteger(Math.max(left, 0))}`;
  }

  return {
    element: container,
    update(all) {
      rows = all;
      length = pageLength;
      show();
    },
  };
}

function rowOf<Row>(row: Row, columns: readonly Column<Row>[]): HTMLElement {
  return element('tr', {}, ...columns.map((column) => element('td', { class: kindOf(column) }, column.cell(row))));
}

function kindOf({ isNumber, isControl }: Pick<Column<never>, 'isNumber' | 'isControl'>): string | undefined {
  return isNumber ? 'number' : isControl ? 'control' : undefined;
}

function comparing<Row>(by: (row: Row) => string | number | bigint, isAscending: boolean) {
  return (a: Row, b: Row) => {
    const [one, other] = [by(a), by(b)];
    const order = one < other ? -1 : one > other ? 1 : 0;
    return isAscending ? order : -order;
  };
}
