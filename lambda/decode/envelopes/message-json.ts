import { isCloudWatch } from './cloudwatch-json.ts';
import {
  type Envelope,
  type EnvelopeContent,
  type EnvelopeItem,
  isObject,
  jsonOf,
  objectTexts,
  textOf,
} from './envelope.ts';

/**
 * `{"message": "<line>"}`, as VPC Flow Logs puts records to Firehose: one object a record, with or without a line break
 * after it; several objects, a line each or one after the other, are read as well.
 */
export const messageJson: Envelope = {
  name: 'message-json',
  accepts: (bytes) => isObject(bytes) && !isCloudWatch(bytes),
  open: (bytes) => ({ content: openMessages(bytes), bytes: bytes.length }),
};

function openMessages(bytes: Buffer): EnvelopeContent {
  const text = textOf(bytes);
  if (text === undefined) return { kind: 'unreadable', reason: 'the record is no UTF-8 text' };
  const whole = jsonOf(text);
  if (whole !== undefined) return { kind: 'pieces', pieces: [pieceOf(whole, text)] };
  const texts = text.split('\n').flatMap((line) => (jsonOf(line) === undefined ? objectTexts(line) : line));
  const objects = texts.filter((one) => one.trim() !== '');
  return { kind: 'pieces', pieces: objects.map((one) => pieceOf(jsonOf(one), one)) };
}

function pieceOf(value: unknown, text: string): EnvelopeItem {
  if (value === undefined) return { unreadable: text, reason: 'the record starts like JSON and is none' };
  const message = (value as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return { text: message };
  const reason = message === undefined ? 'the JSON has no message' : 'the message is not text';
  return { unreadable: text, reason };
}
