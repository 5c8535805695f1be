import { isObject } from '../../../lambda/decode/envelopes/envelope.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import type { FlowFileKind } from './reader.ts';

/** What a JSON object in a file is. */
export type ObjectKind = 'error record' | 'event' | 'log events' | 'batch' | 'decoded line' | 'message' | 'unknown';

/** What files are that hold such objects. */
export const fileKinds: Readonly<Record<Exclude<ObjectKind, 'unknown'>, FlowFileKind>> = {
  'error record': 'Firehose error records',
  event: 'Firehose event',
  'log events': 'CloudWatch export',
  batch: 'CloudWatch export',
  'decoded line': 'decoded JSON lines',
  message: 'flow log lines',
};

/**
 * Tells what an object is by the names of its members: what Firehose could not transform (cli/flow-files/formats/firehose-error-object.ts), a
 * transformation event, what `aws logs filter-log-events` prints, a batch of a CloudWatch Logs subscription, a decoded line
 * (lambda/respond/lake-row.ts), or a line as VPC Flow Logs sends it to Firehose. A finding of OCSF, such as an alert of
 * ours, is none of them, though it has a message.
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
 * Whether these are names of a flow's fields, as the lake has them, with `counted`, and as `hunt --output` writes them:
 * many objects of other kinds have a `start` and a `type`.
 */
function isOfFlow(names: ReadonlySet<string>): boolean {
  const known = fieldNames(names);
  return known.length > 1 && known.length * 2 >= names.size && (names.has('counted') || known.some(isOfFlowsOnly));
}

function isOfFlowsOnly(field: string): boolean {
  return field === 'interface-id' || field === 'log-status' || fields.get(field)?.kind === 'address';
}

/**
 * What an error record holds that failed after the function had answered, such as in the conversion to Parquet: decoded
 * lines (cli/flow-files/formats/firehose-error-object.ts). Undefined where it holds a record as it came.
 */
export function answeredBytes({ errorCode, rawData }: Readonly<Record<string, unknown>>): Buffer | undefined {
  if (String(errorCode).startsWith('Lambda.') || typeof rawData !== 'string') return undefined;
  const bytes = Buffer.from(rawData, 'base64');
  return isObject(bytes) ? bytes : undefined;
}

/** The names of fields among those of members, as AWS writes fields. */
export function fieldNames(names: Iterable<string>): string[] {
  return [...names].map((name) => name.replaceAll('_', '-')).filter((name) => fields.has(name));
}
