import { daySeconds } from '../common/calendar.ts';
import { utc } from '../common/format-units.ts';
import { printable } from '../common/text.ts';
import type { AlertRecord } from '../counters/alert-record.ts';
import { namedKey } from '../counters/counter-key.ts';
import { maxKeyValueLength } from '../counters/delta.ts';
import { type FieldKind, fields } from '../flow-log/fields.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import { shellQuote } from './shell-quote.ts';

/** What a person pastes: queries for the flows of an alert, and commands. */

type Key = Readonly<Record<string, string>>;

/**
 * A query on the table of docs/analyse/athena.md. It asks for the ends that are counted, and reads no day before the window;
 * `start` and `end` are reserved there.
 *
 * @param hasTrueEnds whether the flows' format has `pkt-srcaddr` and `pkt-dstaddr`
 */
export function athenaQuery(key: Key, { from, to }: Pick<AlertRecord, 'from' | 'to'>, hasTrueEnds: boolean): string {
  const column = (name: string) => {
    if (hasTrueEnds && (name === 'srcaddr' || name === 'dstaddr')) return `COALESCE(pkt_${name}, ${name})`;
    return name === 'end' || name === 'start' ? `"${name}"` : name.replaceAll('-', '_');
  };
  const where = namedKey(key).flatMap(([name, value]) => {
    const text = `'${printable(value).replaceAll("'", "''")}'`;
    if (fields.has(name)) return [`${column(name)} = ${isNumber(name, value) ? value : text}`];
    // A correlation's alias is a different field in each of its rules; of those only addresses are looked for.
    return canonicalAddress(value) ? [`${text} IN (${column('srcaddr')}, ${column('dstaddr')})`] : [];
  });
  // A flow arrives after it ended, on that day or on a later one.
  const when = [`"end" BETWEEN ${from} AND ${to}`, `day >= '${utc(from).slice(0, 10)}'`];
  return `SELECT * FROM vpc_flow_logs WHERE ${[...where, ...when].join(' AND ')} ORDER BY "end"`;
}

const numericKinds: readonly FieldKind[] = ['int32', 'int64', 'port', 'protocol', 'seconds'];

function isNumber(name: string, value: string): boolean {
  return numericKinds.includes(fields.get(name)!.kind) && /^\d+$/.test(value);
}

/**
 * A query for CloudWatch Logs Insights that finds the lines which hold all values of the key, whatever the format of the
 * log group. It has no time: the console asks for that.
 */
export function insightsQuery(key: Key): string {
  const filters = namedKey(key).map(
    ([, value]) => ` | filter @message like /(^|\\s)${pattern(printable(value))}(\\s|$)/`,
  );
  return `fields @timestamp, @message${filters.join('')} | sort @timestamp asc | limit 1000`;
}

/** A regular expression, between slashes, that matches just the text. */
function pattern(text: string): string {
  return text.replace(/[\\/^$.*+?()[\]{}|]/g, '\\$&');
}

export function explainCommand(rule: string): string {
  return `npx flow-sentinel rules explain ${shellQuote(rule)}`;
}

/**
 * The command that silences a rule for a key, for 30 days from the window's end: what is silenced for good is forgotten.
 * Undefined where the key names nothing, in a flood: that would silence the whole rule.
 */
export function silenceCommand(rule: string, key: Key, { to }: Pick<AlertRecord, 'to'>): string | undefined {
  if (namedKey(key).length === 0) return undefined;
  const until = utc(to + 30 * daySeconds).slice(0, 10);
  const values = namedKey(key).map(([name, value]) => ` ${shellQuote(`${name}=${value}`)}`);
  return `npx flow-sentinel rules silence ${shellQuote(rule)}${values.join('')} --reason "..." --until ${until}`;
}

/**
 * The command that silences a rule for a key from now on, for a day: time enough to find out. It names the key, so that
 * it is found by one read; by its id an alert is looked for in the whole table, so that is for a key which is not whole here.
 */
export function silenceAlertCommand(rule: string, key: Key, { id }: Pick<AlertRecord, 'id'>): string {
  const isWhole = Object.values(key).every((value) => value.length < maxKeyValueLength && printable(value) === value);
  const values = Object.entries(key).map(([name, value]) => shellQuote(`${name}=${value}`));
  const alert = isWhole ? [shellQuote(rule), ...values].join(' ') : id;
  return `npx flow-sentinel alerts silence ${alert} --reason "..." --until 1d`;
}
