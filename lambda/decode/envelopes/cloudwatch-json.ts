import {
  type Envelope,
  type EnvelopeContent,
  type EnvelopeItem,
  isObject,
  jsonOf,
  objectTexts,
  textOf,
} from './envelope.ts';

/** Whether the bytes are a JSON object that names a message type, as only CloudWatch Logs does. */
export function isCloudWatch(bytes: Buffer): boolean {
  return isObject(bytes) && namesMessageType(bytes);
}

export function namesMessageType(bytes: Buffer): boolean {
  return bytes.includes('"messageType"');
}

/**
 * A CloudWatch Logs subscription's batch, decompressed by Firehose: `messageType` and many `logEvents` (CloudWatch Logs
 * User Guide, "Subscription filters with Amazon Data Firehose").
 */
export const cloudWatchJson: Envelope = {
  name: 'cloudwatch-json',
  accepts: isCloudWatch,
  open: (bytes) => ({ content: openBatches(bytes), bytes: bytes.length }),
};

function openBatches(bytes: Buffer): EnvelopeContent {
  if (hasTooManyValues(bytes)) return unreadable(`holds more than ${maxValues} values`);
  const text = textOf(bytes);
  if (text === undefined) return unreadable('is no UTF-8 text');
  const whole = jsonOf(text);
  return together(whole === undefined ? objectTexts(text).map((one) => openBatch(jsonOf(one))) : [openBatch(whole)]);
}

/** A log event has three values and a flow log line no comma, so this is more than a batch of lines can hold. */
const maxValues = 1_000_000;

/** Whether JSON would become more values than memory should hold: each begins after a comma or a bracket. */
function hasTooManyValues(bytes: Buffer): boolean {
  if (bytes.length <= maxValues) return false;
  let values = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1;
  return values > maxValues;
}

/** What several batches in one record hold; one that cannot be read fails them all, so that none of it gets lost. */
function together(batches: readonly EnvelopeContent[]): EnvelopeContent {
  const failed = batches.find((batch) => batch.kind === 'unreadable');
  if (failed) return failed;
  const pieces = batches.flatMap((batch) => (batch.kind === 'pieces' ? batch.pieces : []));
  return batches.every((batch) => batch.kind === 'control') ? { kind: 'control' } : { kind: 'pieces', pieces };
}

function openBatch(batch: unknown): EnvelopeContent {
  if (typeof batch !== 'object' || batch === null) return unreadable('is no JSON');
  const { messageType, logEvents } = batch as { messageType?: unknown; logEvents?: unknown };
  if (messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  if (messageType !== 'DATA_MESSAGE')
    return unreadable('has a messageType that is not DATA_MESSAGE or CONTROL_MESSAGE');
  if (!Array.isArray(logEvents)) return unreadable('has no list of logEvents');
  return { kind: 'pieces', pieces: logEvents.map(pieceOf) };
}

function pieceOf(event: unknown): EnvelopeItem {
  const message = (event as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return { text: message };
  return { unreadable: JSON.stringify(event), reason: 'the log event has no message that is text' };
}

function unreadable(what: string): EnvelopeContent {
  return { kind: 'unreadable', reason: `the CloudWatch Logs batch ${what}` };
}
