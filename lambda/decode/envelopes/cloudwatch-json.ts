import { jsonOf } from '../../common/json-value.ts';
import { type Envelope, type EnvelopeContent, type EnvelopeItem, isObject, objectTexts, textOf } from './envelope.ts';

/** Returns whether the bytes are a JSON object with `messageType`, which only CloudWatch Logs sends. */
export function isCloudWatch(bytes: Buffer): boolean {
  return isObject(bytes) && hasMessageType(bytes);
}

/** Returns whether the bytes of a JSON object have the key `messageType`. */
export function hasMessageType(bytes: Buffer): boolean {
  return bytes.includes('"messageType"');
}

/**
 * A batch of a CloudWatch Logs subscription that Firehose has decompressed: `messageType` and `logEvents` (CloudWatch
 * Logs User Guide, "Subscription filters with Amazon Data Firehose").
 */
export const cloudWatchJson: Envelope = {
  name: 'cloudwatch-json',
  accepts: isCloudWatch,
  open: (bytes) => ({ content: openBatches(bytes), bytes: bytes.length }),
};

function openBatches(bytes: Buffer): EnvelopeContent {
  if (hasTooManyValues(bytes)) return unreadable(`has more than ${maxValues} values`);
  const text = textOf(bytes);
  if (text === undefined) return unreadable('is not UTF-8 text');
  const batch = jsonOf(text);
  if (batch !== undefined) return openBatch(batch);
  return mergeBatches(objectTexts(text).map((object) => openBatch(jsonOf(object))));
}

/** A log event has three values and a flow log line has no comma, so this is more than a batch of lines can have. */
const maxValues = 1_000_000;

/** Returns whether JSON has too many values to parse them in memory; each begins after a comma or a bracket. */
function hasTooManyValues(bytes: Buffer): boolean {
  if (bytes.length <= maxValues) return false;
  let values = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1;
  return values > maxValues;
}

/** Merges the batches of one record. An unreadable batch fails all of them, so that none of its lines is lost. */
function mergeBatches(batches: readonly EnvelopeContent[]): EnvelopeContent {
  const failed = batches.find((batch) => batch.kind === 'unreadable');
  if (failed) return failed;
  if (batches.every((batch) => batch.kind === 'control')) return { kind: 'control' };
  return { kind: 'items', items: batches.flatMap((batch) => (batch.kind === 'items' ? batch.items : [])) };
}

function openBatch(batch: unknown): EnvelopeContent {
  if (typeof batch !== 'object' || batch === null) return unreadable('is not valid JSON');
  const { messageType, logEvents } = batch as { messageType?: unknown; logEvents?: unknown };
  if (messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  if (messageType !== 'DATA_MESSAGE')
    return unreadable('has an unknown messageType, expected DATA_MESSAGE or CONTROL_MESSAGE');
  if (!Array.isArray(logEvents)) return unreadable('has no list logEvents');
  return { kind: 'items', items: logEvents.map(itemOf) };
}

function itemOf(event: unknown): EnvelopeItem {
  const message = (event as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return { text: message };
  return { unreadable: JSON.stringify(event), reason: 'the message of the log event is missing or not text' };
}

function unreadable(problem: string): EnvelopeContent {
  return { kind: 'unreadable', reason: `the CloudWatch Logs batch ${problem}` };
}
