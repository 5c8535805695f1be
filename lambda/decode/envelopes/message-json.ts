import { jsonOf } from '../../common/json-value.ts';
import { isCloudWatch } from './cloudwatch-json.ts';
import { type Envelope, type EnvelopeContent, type EnvelopeItem, isObject, objectTexts, textOf } from './envelope.ts';

/**
 * `{"message": "<line>"}`, the records that VPC Flow Logs sends to Firehose: one object a record, with or without a line
 * break after it. Several objects in one record are read too, each on its own line or without a break between them.
 */
export const messageJson: Envelope = {
  name: 'message-json',
  accepts: (bytes) => isObject(bytes) && !isCloudWatch(bytes),
  open: (bytes) => ({ content: openMessages(bytes), bytes: bytes.length }),
};

function openMessages(bytes: Buffer): EnvelopeContent {
  const text = textOf(bytes);
  if (text === undefined) return { kind: 'unreadable', reason: 'the record is not UTF-8 text' };
  const value = jsonOf(text);
  if (value !== undefined) return { kind: 'items', items: [itemOf(value, text)] };
  const texts = text.split('\n').flatMap((line) => (jsonOf(line) === undefined ? objectTexts(line) : line));
  const objects = texts.filter((object) => object.trim() !== '');
  return { kind: 'items', items: objects.map((object) => itemOf(jsonOf(object), object)) };
}

function itemOf(value: unknown, text: string): EnvelopeItem {
  if (value === undefined) return { unreadable: text, reason: 'the record begins like JSON but is not valid JSON' };
  const message = (value as { message?: unknown } | null)?.message;
  if (typeof message === 'string') return { text: message };
  const reason = message === undefined ? 'the JSON has no message' : 'the message is not text';
  return { unreadable: text, reason };
}
