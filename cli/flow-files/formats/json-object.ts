import { isObject } from '../../../lambda/decode/envelopes/envelope.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import type { FlowFileKind } from './reader.ts';

/** The kind of a JSON object in a file. */
export type ObjectKind = 'error record' | 'event' | 'log events' | 'batch' | 'decoded line' | 'message' | 'unknown';

/** The kind of a file with such objects. */
export const fileKinds: Readonly<Record<Exclude<ObjectKind, 'unknown'>, FlowFileKind>> = {
  'error record': 'Firehose error records',
  event: 'Firehose event',
  'log events': 'CloudWatch export',
  batch: 'CloudWatch export',
  'decoded line': 'decoded JSON lines',
  message: 'flow log lines',
};

/**
 * Returns the kind of an object by the names of its members:
 *
 * - an error record of Firehose (cli/flow-files/formats/firehose-error-object.ts), or a transformation event
 * - the output of `aws logs filter-log-events`, or a batch of a CloudWatch Logs subscription
 * - a decoded line (lambda/respond/lake-row.ts), or a message as VPC Flow Logs sends it to Firehose
 *
 * An OCSF finding, such as an alert of this project, is unknown although it has a message.
 */
export function objectKind(names: ReadonlySet<string>): ObjectKind {
  if (names.has('class_uid')) return 'unknown';
  if (names.has('rawData') && names.has('errorCode')) return 'error record';
  if (names.has('records')) return 'event';
  if (names.has('events')) return 'log events';
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
  return known.length > 1 && known.length * 2 >= names.size && (names.has('counted') || known.some(isOfFlowsOnly));
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

/** Returns the member names that are flow log fields, in the spelling of AWS. */
export function fieldNames(names: Iterable<string>): string[] {
  return [...names].map((name) => name.replaceAll('_', '-')).filter((name) => fields.has(name));
}
