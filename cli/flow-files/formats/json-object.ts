import { isObject } from '../../../lambda/decode/envelopes/envelope.ts';
import { namesOfFields } from '../../../lambda/flow-log/field-names.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import type { FlowFileKind } from './reader.ts';

/** The kind of a JSON object in a file. */
export type ObjectKind =
  | 'error record'
  | 'event'
  | 'log events'
  | 'query results'
  | 'query row'
  | 'batch'
  | 'decoded line'
  | 'message'
  | 'unknown';

/** The kind of a file with such objects. */
export const fileKinds: Readonly<Record<Exclude<ObjectKind, 'unknown'>, FlowFileKind>> = {
  'error record': 'Firehose error records',
  event: 'Firehose event',
  'log events': 'CloudWatch export',
  'query results': 'CloudWatch export',
  'query row': 'CloudWatch export',
  batch: 'CloudWatch export',
  'decoded line': 'decoded JSON lines',
  message: 'flow log lines',
};

/**
 * Returns the kind of an object by the names of its members:
 *
 * - an error record of Firehose (cli/flow-files/formats/firehose-error-object.ts), or a transformation event
 * - the output of `aws logs filter-log-events`, or a batch of a CloudWatch Logs subscription
 * - the output of `aws logs get-query-results`, or a row of CloudWatch Logs Insights with the log event in `@message`
 * - a decoded line (lambda/respond/lake-row.ts), or a message as VPC Flow Logs sends it to Firehose
 *
 * An OCSF finding, such as an alert of this project, is unknown although it has a message.
 */
export function objectKind(names: ReadonlySet<string>): ObjectKind {
  if (names.has('class_uid')) return 'unknown';
  if (names.has('rawData') && names.has('errorCode')) return 'error record';
  if (names.has('records')) return 'event';
  if (names.has('events')) return 'log events';
  if (names.has('results')) return 'query results';
  if (names.has('@message')) return 'query row';
  if (names.has('messageType')) return 'batch';
  if (names.has('unreadable_line') || isOfFlow(names)) return 'decoded line';
  return names.has('message') ? 'message' : 'unknown';
}

/**
 * Returns whether these are the fields of a flow, as in the lake (with `counted`) or from `hunt --output`. Two known
 * names are not enough: many other objects have a `start` and a `type`.
 */
function isOfFlow(names: ReadonlySet<string>): boolean {
  const known = fieldNames(names);
  // Insights adds @ptr to each row, and @timestamp and others to most.
  const others = [...names].filter((name) => !name.startsWith('@')).length - known.length;
  return known.length > 1 && known.length >= others && (names.has('counted') || known.some(isOfFlowsOnly));
}

function isOfFlowsOnly(field: string): boolean {
  return field === 'interface-id' || field === 'log-status' || fields.get(field)?.kind === 'address';
}

/**
 * Returns the decoded lines of an error record that failed after the function's response, such as in the conversion to
 * Parquet. Undefined if the record has its original data.
 */
export function decodedLineBytes({ errorCode, rawData }: Readonly<Record<string, unknown>>): Buffer | undefined {
  if (String(errorCode).startsWith('Lambda.') || typeof rawData !== 'string') return undefined;
  const bytes = Buffer.from(rawData, 'base64');
  return isObject(bytes) ? bytes : undefined;
}

/** Returns the flow log fields that member names mean. */
export function fieldNames(names: Iterable<string>): string[] {
  return [...namesOfFields(names).keys()];
}

/** Returns a row of `aws logs get-query-results`, a list of fields with values, as an object; undefined for other values. */
export function queryRow(value: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.flatMap((one: unknown): [string, unknown][] => {
    const { field, value } = (one ?? {}) as { readonly field?: unknown; readonly value?: unknown };
    return typeof field === 'string' ? [[field, value]] : [];
  });
  return entries.length === value.length && entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
