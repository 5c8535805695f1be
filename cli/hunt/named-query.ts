import { daySeconds } from '../../lambda/common/calendar.ts';
import { utc } from '../../lambda/common/format-units.ts';
import type { NamedList } from '../../lambda/rules/model.ts';
import { type Hunt, huntSql } from '../../lib/queries/hunts/hunt.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import { setAsideText } from '../statistics/set-aside-text.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { duckDbDialect } from './duckdb-dialect.ts';
import type { FlowDatabase } from './flow-database.ts';
import type { Query } from './hunt-output.ts';
import { sqlText } from './load/sql-text.ts';

/** The options of a ready hunt. */
export interface NamedQueryOptions {
  /** Upper bound of the rows. */
  readonly top: number;
  /** Number of periods of 24 hours to read, up to the end of the last flow (default: all flows). */
  readonly days?: number;
  /** In seconds. */
  readonly interval?: number;
  /** In seconds. */
  readonly gap?: number;
  /** The start of the recent flows in epoch seconds (default: 24 hours before the end of the last flow). */
  readonly since?: number;
}

/**
 * Returns a function that makes the query of a ready hunt for a database.
 *
 * @param addresses the arguments of the hunt
 * @throws InputError if an address is invalid; the function throws if there are no flows to compare with
 */
export function namedQuery(
  hunt: Hunt,
  addresses: readonly string[],
  { top, days, interval, gap, since }: NamedQueryOptions,
): (database: FlowDatabase) => Query {
  const values = addresses.map((text) => sqlText(parseAddress(text)));
  return ({ range }) => {
    const read = range && days !== undefined ? lastDays(range, days) : undefined;
    const recent = range && hunt.option === 'since' ? recentFlows(hunt, read ?? lastDays(range), since) : undefined;
    const notes = [
      ...(read ? [`Flows that ended after ${utc(read.after)}, until ${utc(read.to)}.`] : []),
      ...(recent ? [recent.note] : []),
    ];
    return {
      sql: huntSql(hunt, duckDbDialect(read, recent?.from), values, {
        top,
        ...(interval && { interval }),
        ...(gap && { gap }),
      }),
      title: hunt.description,
      top,
      notes,
      ...(read && { warning: setAsideText(range!) }),
    };
  };
}

/** Checks the named list that a hunt needs. @throws InputError if it is missing or only in S3 */
export function checkList({ name, list: listName }: Hunt, lists: readonly NamedList[]): void {
  if (listName === undefined) return;
  const list = lists.find((other) => other.name === listName);
  if (!list)
    throw new InputError(`the list ${listName}, which ${name} needs, is missing; give it with --networks FILE`);
  if (list.s3 && list.entries.length === 0) {
    throw new InputError(`the list ${listName}, which ${name} needs, is only in S3; give it with --networks FILE`);
  }
}

/** Returns the last days of flows as the times for the dialect (default: all days). */
function lastDays({ from, to }: FlowRange, days = Number.POSITIVE_INFINITY) {
  return { after: Math.max(from - 1, to - days * daySeconds), to };
}

/**
 * Returns the start of the recent flows, and a line that says what they are compared with.
 *
 * @throws InputError if no flows are before or after the start
 */
function recentFlows({ name }: Hunt, read: { readonly after: number; readonly to: number }, since?: number) {
  const first = read.after + 1;
  const from = since ?? Math.max(read.to - daySeconds + 1, first);
  const times = `${utc(first)} to ${utc(read.to)} (UTC)`;
  if (from <= first) {
    throw new InputError(
      `${name} compares with the flows before ${utc(from)}, and there are none: the flows end from ${times}; add the logs of earlier days, or choose a later --since`,
    );
  }
  if (from > read.to) {
    throw new InputError(`--since is invalid: got ${utc(from)}, expected a time within the flows, ${times}`);
  }
  const days = (from - first) / daySeconds;
  const length = days < 1 ? `${(days * 24).toFixed(1)} hours` : `${days.toFixed(1)} days`;
  return { from, note: `New from ${utc(from)} on, compared with the ${length} before, from ${utc(first)}.` };
}
