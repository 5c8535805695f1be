import { messageOf } from '../common/errors.ts';
import { cloudWatchGzip } from './envelopes/cloudwatch-gzip.ts';
import { cloudWatchJson, hasMessageType } from './envelopes/cloudwatch-json.ts';
import {
  type Envelope,
  type EnvelopeContent,
  type EnvelopeItem,
  isGzip,
  isObject,
  type Unreadable,
} from './envelopes/envelope.ts';
import { messageJson } from './envelopes/message-json.ts';
import { text } from './envelopes/text.ts';

/** All envelopes. Their order does not matter, since exactly one of them accepts any bytes. */
export const envelopes: readonly Envelope[] = [cloudWatchGzip, cloudWatchJson, messageJson, text];

/** Returns the envelope that accepts the bytes, and tests each property of the bytes once. */
export function envelopeOf(bytes: Buffer): Envelope {
  if (isGzip(bytes)) return cloudWatchGzip;
  if (!isObject(bytes)) return text;
  return hasMessageType(bytes) ? cloudWatchJson : messageJson;
}

/** A decoded record: its lines, each valid one or one with a reason; a control message; or an unreadable payload. */
export type Decoded =
  | { readonly kind: 'lines'; readonly lines: readonly EnvelopeItem[] }
  | { readonly kind: 'control' }
  | Unreadable;

/** Limits of one record. */
export interface DecodeLimits {
  /** Maximum size of an expanded payload. */
  readonly maxBytes: number;
  /** Maximum number of lines. */
  readonly maxLines: number;
}

/**
 * Decodes the payload of one Firehose record. Never throws. `bytes` of the result is the size of the expanded payload.
 *
 * @param bytes undefined if the payload is not valid base64
 */
export function decodeRecord(
  bytes: Buffer | undefined,
  limits: DecodeLimits,
): { readonly decoded: Decoded; readonly bytes: number } {
  if (!bytes) return { decoded: { kind: 'unreadable', reason: 'the data is not valid base64' }, bytes: 0 };
  if (bytes.length === 0) return { decoded: { kind: 'unreadable', reason: 'the payload is empty' }, bytes: 0 };
  const envelope = envelopeOf(bytes);
  try {
    const opened = envelope.open(bytes, { maxBytes: limits.maxBytes });
    return { decoded: decodedOf(opened.content, limits.maxLines), bytes: opened.bytes };
  } catch (error) {
    return {
      decoded: { kind: 'unreadable', reason: `the payload cannot be opened: ${messageOf(error)}` },
      bytes: limits.maxBytes,
    };
  }
}

function decodedOf(content: EnvelopeContent, maxLines: number): Decoded {
  if (content.kind !== 'items') return content;
  const tooMany: Unreadable = {
    kind: 'unreadable',
    reason: `the payload has more than ${maxLines} lines`,
    exceedsBudget: true,
  };
  // Counts before it allocates lines. An item whose only line ends with a line break counts as two, hence the factor.
  const count = content.items.reduce((sum, item) => sum + 1 + ('text' in item ? lineBreaks(item.text) : 0), 0);
  if (count > 2 * maxLines) return tooMany;
  const lines = content.items.flatMap(linesOf);
  if (lines.length > maxLines) return tooMany;
  return lines.length > 0 ? { kind: 'lines', lines } : { kind: 'unreadable', reason: 'the payload has no lines' };
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function linesOf(item: EnvelopeItem): EnvelopeItem[] {
  if (!('text' in item)) return [item];
  if (!item.text.includes('\n')) return item.text.trim() === '' ? [] : [item];
  return item.text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line }));
}
