import { type Envelope, isObject, jsonOf, type Opened, type Piece, textOf } from './envelope.ts';

/** Whether the bytes are a JSON object that names a message type, as only CloudWatch Logs does. */
export function isCloudWatch(bytes: Buffer): boolean {
  return isObject(bytes) && bytes.includes('"messageType"');
}

/**
 * A CloudWatch Logs subscription's batch, decompressed by Firehose: `messageType` and many `logEvents` (CloudWatch Logs
 * User Guide, "Subscription filters with Amazon Data Firehose").
 */
export const cloudWatchJson: Envelope = {
  name: 'cloudwatch-json',
  accepts: isCloudWatch,
  open(bytes) {
    const text = textOf(bytes);
    return text === undefined ? unreadable('is no UTF-8 text') : openBatch(jsonOf(text));
  },
};

function openBatch(batch: unknown): Opened {
  if (typeof batch !== 'object' || batch === null) return unreadable('is no JSON');
  const { messageType, logEvents } = batch as { messageType?: unknown; logEvents?: unknown };
  if (messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  if (messageType !== 'DATA_MESSAGE')
    return unreadable('has a messageType that is not DATA_MESSAGE or CONTROL_MESSAGE');
  if (!Array.isArray(logEvents)) return unreadable('has no list of logEvents');
  return { kind: 'pieces', pieces: logEvents.map(pieceOf) };
}

function pieceOf(event: unknown): Piece {
  const message = (event as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return { text: message };
  return { unreadable: JSON.stringify(event), reason: 'the log event has no message that is text' };
}

function unreadable(what: string): Opened {
  return { kind: 'unreadable', reason: `the CloudWatch Logs batch ${what}` };
}
