import type { FlowRows } from '../../lambda/flow-log/flow-rows.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { FlowSource } from '../../sigma/lint/blind-rules.ts';
import type { FieldNames } from '../../sigma/lint/rule-sight.ts';
import { isFlow } from './flow-counts.ts';

/** The flows that have the same fields, as far as these are watched. */
export interface CoveredFlows extends FlowSource {
  /** Number of flows, without NODATA and SKIPDATA lines. */
  readonly flows: number;
  /** The fields of which some line has a value. */
  readonly valued: FieldNames;
}

/** A lake row: see respond/lake-row.ts. */
type Row = Readonly<Record<string, unknown>>;

/** For each watched field, whether the lines have the field, and whether some line has a value. */
interface Group {
  readonly isPresent: readonly boolean[];
  readonly isValued: boolean[];
  /** Number of fields without a value so far. */
  unvalued: number;
  flows: number;
}

/** Finds which fields the lines of a run have, and which of these ever have a value. */
export class FieldCoverage {
  readonly #fields: readonly string[];
  /** The members of a lake row, in the order of the fields. */
  readonly #members: readonly string[];
  readonly #groups = new Map<string, Group>();
  #last: Group | undefined;

  /** @param fields the watched fields, by AWS's names */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
    this.#members = fields.map((name) => name.replaceAll('-', '_'));
  }

  /** Adds a row. @param isFlow false for a NODATA or SKIPDATA line */
  add(row: Row, isFlow: boolean): void {
    // Nearly all rows have the fields of the row before.
    const last = this.#last;
    const group = last && hasFields(row, this.#members, last) ? last : this.#groupOf(row);
    this.#last = group;
    if (isFlow) group.flows += 1;
    noteValues(group, (index) => row[this.#members[index]!] !== null);
  }

  /** Adds flows, as their lake rows would be added one by one. */
  addRows(rows: FlowRows): void {
    const groups = new Map<Format, Group>();
    for (let row = 0; row < rows.length; row += 1) {
      const format = rows.formats[rows.formatOf[row]!]!;
      const group = groups.get(format) ?? this.#groupWith(this.#fields.map((name) => format.indexOf.has(name)));
      groups.set(format, group);
      const status = format.indexOf.get('log-status');
      if (status === undefined || isFlow(rows.value(row, status))) group.flows += 1;
      noteValues(group, (index) => rows.isAvailable(row, format.indexOf.get(this.#fields[index]!)!));
    }
  }

  /** The flows by their fields, in the order of the first line. */
  get flows(): CoveredFlows[] {
    const named = (is: readonly boolean[]) => new Set(this.#fields.filter((_, index) => is[index]));
    return [...this.#groups.values()].map(({ isPresent, isValued, flows }) => {
      return { fields: named(isPresent), valued: named(isValued), flows };
    });
  }

  #groupOf(row: Row): Group {
    return this.#groupWith(this.#members.map((member) => row[member] !== undefined));
  }

  #groupWith(isPresent: readonly boolean[]): Group {
    const key = isPresent.join();
    const group = this.#groups.get(key) ?? {
      isPresent,
      isValued: isPresent.map(() => false),
      unvalued: isPresent.filter(Boolean).length,
      flows: 0,
    };
    this.#groups.set(key, group);
    return group;
  }
}

/** Notes the values of a line. @param isAvailable tells whether a field that the line has, by its index, has a value */
function noteValues(group: Group, isAvailable: (index: number) => boolean): void {
  if (group.unvalued === 0) return;
  for (const [index, isPresent] of group.isPresent.entries()) {
    if (!isPresent || group.isValued[index] || !isAvailable(index)) continue;
    group.isValued[index] = true;
    group.unvalued -= 1;
  }
}

/** Returns whether a row has the fields of a group, and no other watched ones. */
function hasFields(row: Row, members: readonly string[], { isPresent }: Group): boolean {
  for (let index = 0; index < members.length; index += 1) {
    if ((row[members[index]!] !== undefined) !== isPresent[index]) return false;
  }
  return true;
}
