import { daySeconds } from '../common/calendar.ts';
import { utc } from '../common/format-units.ts';
import { readableValue } from '../common/tag-text.ts';
import { printable } from '../common/text.ts';
import type { AlertRecord } from '../counters/alert-record.ts';
import { namedKey, portOfAny } from '../counters/counter-key.ts';
import { maxKeyValueLength } from '../counters/delta.ts';
import { type FieldKind, fields, notAvailable } from '../flow-log/fields.ts';
import { regionFields } from '../flow-log/region-fields.ts';
import type { KeyScope } from '../flow-log/scope.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import type { DistinctValues } from './distinct-values.ts';
import { shellQuote } from './shell-quote.ts';

type Key = Readonly<Record<string, string>>;

/** The addresses that a query looks for besides the key: any of them, in each field. */
export type Addresses = readonly (readonly [field: string, addresses: readonly string[]])[];

/**
 * Returns an Athena query for the flows of an alert, on the table of docs/analyse/athena.md. The query compares the
 * endpoints of the flows, and reads no partition of a day before the window.
 *
 * @param hasPacketAddresses whether the flows' format has `pkt-srcaddr` and `pkt-dstaddr`
 */
export function athenaQuery(
  key: Key,
  window: Pick<AlertRecord, 'from' | 'to'>,
  hasPacketAddresses: boolean,
  addresses: Addresses = [],
): string {
  const where = conditionsOf(key, window, hasPacketAddresses, addresses);
  return `SELECT * FROM vpc_flow_logs WHERE ${where.join(' AND ')} ORDER BY "end"`;
}

/**
 * Returns an Athena query for the distinct values of an alert: the flows of each, how many were accepted, and their
 * first and last end. The query is limited to the given values if they are few and complete.
 *
 * @param hasPacketAddresses see athenaQuery
 * @param isLowerBound whether further values are not stored
 */
export function athenaValuesQuery(
  key: Key,
  window: Pick<AlertRecord, 'from' | 'to'>,
  hasPacketAddresses: boolean,
  distinct: DistinctValues,
  isLowerBound: boolean,
  addresses: Addresses = [],
): string {
  const names = [distinct.field, ...(distinct.also ?? [])];
  const columns = names.map((name) => columnOf(name, hasPacketAddresses));
  const selected = columns.map((column, index) =>
    column.includes('(') ? `${column} AS ${names[index] === 'srcaddr' ? 'source' : 'destination'}` : column,
  );
  const where = conditionsOf(key, window, hasPacketAddresses, addresses);
  const listed = isLowerBound ? undefined : listOf(distinct);
  if (listed !== undefined) where.push(`${columns[0]} IN (${listed})`);
  const numbers = columns.map((_, index) => index + 1).join(', ');
  const counts = `COUNT(*) AS flows, COUNT_IF(action = 'ACCEPT') AS accepted, MIN("end") AS first_end, MAX("end") AS last_end`;
  return `SELECT ${selected.join(', ')}, ${counts} FROM vpc_flow_logs WHERE ${where.join(' AND ')} GROUP BY ${numbers} ORDER BY flows DESC, ${numbers}`;
}

/** The most values that a query names. */
const maxListedValues = 20;

/** Returns the values for a query; undefined unless the list is short and has every value in full. */
function listOf({ field, also, values, hashes, more }: DistinctValues): string | undefined {
  if (also || hashes || more > 0 || values.length > maxListedValues) return undefined;
  const texts = values.flat();
  return texts.every((text) => printable(text) === text)
    ? texts.map((text) => literalOf(field, text)).join(', ')
    : undefined;
}

function conditionsOf(
  key: Key,
  { from, to }: Pick<AlertRecord, 'from' | 'to'>,
  hasPacketAddresses: boolean,
  addresses: Addresses,
): string[] {
  const column = (name: string) => columnOf(name, hasPacketAddresses);
  const where = namedKey(key).flatMap(([name, value]) => {
    if (value === notAvailable) return [`${column(name)} IS NULL`];
    if (fields.has(name)) return [`${column(name)} = ${literalOf(name, value)}`];
    // A correlation's alias is a different field in each of its rules: the query compares addresses only.
    return canonicalAddress(value) ? [`${quoted(value)} IN (${column('srcaddr')}, ${column('dstaddr')})`] : [];
  });
  for (const [name, values] of addresses) where.push(`${column(name)} IN (${values.map(quoted).join(', ')})`);
  const port = Object.values(key)
    .map(portOfAny)
    .find((found) => found !== undefined);
  if (port !== undefined) where.push(`dstport = ${port}`, "action = 'REJECT'");
  // A flow arrives after its end, on the same day or on a later one.
  return [...where, `"end" BETWEEN ${from} AND ${to}`, `day >= '${utc(from).slice(0, 10)}'`];
}

function columnOf(name: string, hasPacketAddresses: boolean): string {
  if (hasPacketAddresses && (name === 'srcaddr' || name === 'dstaddr')) return `COALESCE(pkt_${name}, ${name})`;
  // Reserved words of Athena.
  return name === 'end' || name === 'start' ? `"${name}"` : name.replaceAll('-', '_');
}

function literalOf(name: string, value: string): string {
  return isNumber(name, value) ? value : quoted(value);
}

function quoted(value: string): string {
  return `'${printable(value).replaceAll("'", "''")}'`;
}

const numericKinds: readonly FieldKind[] = ['int32', 'int64', 'port', 'protocol', 'seconds'];

function isNumber(name: string, value: string): boolean {
  return numericKinds.includes(fields.get(name)!.kind) && /^\d+$/.test(value);
}

/**
 * Returns a query for CloudWatch Logs Insights that finds lines with all values of the key, in any format of the log
 * group. Lines have no regions. The query has no time range: the console asks for the range.
 */
export function insightsQuery(key: Key, addresses: Addresses = []): string {
  const ofRecords = availableKey(key).flatMap(([name, value]) =>
    regionFields.has(name) ? [] : pattern(printable(value)),
  );
  const anyOf = addresses.map(([, values]) => `(${values.map((value) => pattern(printable(value))).join('|')})`);
  const filters = [...anyOf, ...ofRecords].map((text) => ` | filter @message like /(^|\\s)${text}(\\s|$)/`);
  return `fields @timestamp, @message${filters.join('')} | sort @timestamp asc | limit 1000`;
}

/** Returns the text of a regular expression, for use between slashes, that matches exactly the given text. */
function pattern(text: string): string {
  return text.replace(/[\\/^$.*+?()[\]{}|]/g, '\\$&');
}

/** Returns the command that explains a rule. */
export function explainCommand(rule: string): string {
  return `npx flow-sentinel rules explain ${shellQuote(rule)}`;
}

/** Returns the command that lists all live alerts of a rule, in the order of its digests. */
export function listAlertsCommand(rule: string): string {
  return `npx flow-sentinel alerts list --rule ${shellQuote(rule)}`;
}

/**
 * Returns the command that silences a rule for a key by a filter, for 30 days from the window's end: a permanent filter
 * would be forgotten. Returns undefined for an overflow key: its filter would silence all sources or all targets.
 */
export function silenceCommand(rule: string, key: Key, { to }: Pick<AlertRecord, 'to'>): string | undefined {
  if (namedKey(key).length < Object.keys(key).length) return undefined;
  const until = utc(to + 30 * daySeconds).slice(0, 10);
  const values = availableKey(key).map(([name, value]) => ` ${shellQuote(`${name}=${readableValue(name, value)}`)}`);
  return `npx flow-sentinel rules silence ${shellQuote(rule)}${values.join('')} --reason "..." --until ${until}`;
}

/**
 * Returns the command that silences an alert at once, for a day: long enough to investigate. The command names rule and
 * key, which need one read. It names the alert's id, which needs a table scan, only if the key cannot be written in full.
 */
export function silenceAlertCommand(rule: string, key: Key, { id }: Pick<AlertRecord, 'id'>, scope?: KeyScope): string {
  const isComplete = [...Object.values(key), ...Object.values(scope ?? {})].every(
    (value) => value.length < maxKeyValueLength && printable(value) === value,
  );
  const values = Object.entries(key).map(([name, value]) => shellQuote(`${name}=${value}`));
  const alert = isComplete ? [shellQuote(rule), ...values, ...(scope ? scopeOptions(scope) : [])].join(' ') : id;
  return `npx flow-sentinel alerts silence ${alert} --reason "..." --until 1d`;
}

/** Returns the options that name a scope, for the commands on counters. */
function scopeOptions(scope: KeyScope): string[] {
  const options = ['--account', '--vpc'];
  return Object.values(scope).map((value, index) => `${options[index]} ${shellQuote(value)}`);
}

/** Returns the fields of a key without wildcard endpoints, and without a scope that the flows lack. */
function availableKey(key: Key): [string, string][] {
  return namedKey(key).filter(([, value]) => value !== notAvailable);
}
