import { cloudWatchGzip } from '../envelopes/cloudwatch-gzip.ts';
import { cloudWatchJson } from '../envelopes/cloudwatch-json.ts';
import type { Envelope, Piece } from '../envelopes/envelope.ts';
import { messageJson } from '../envelopes/message-json.ts';
import { text } from '../envelopes/text.ts';

/** Every way in which a record may be wrapped. No bytes are accepted by two, so their order does not matter. */
export const envelopes: readonly Envelope[] = [cloudWatchGzip, cloudWatchJson, messageJson, text];

/** What a record holds: lines, each unreadable one with its reason; or nothing but CloudWatch's sign of life. */
export type Decoded =
  | { readonly kind: 'lines'; readonly lines: readonly Piece[] }
  | { readonly kind: 'control' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Opens the base64 payload of one Firehose record. Never throws.
 *
 * @param maxBytes the most bytes that a compressed record may expand to
 */
export function decode(data: unknown, maxBytes: number): Decoded {
  const bytes = bytesOf(data);
  if (!bytes) return { kind: 'unreadable', reason: 'the data is no base64' };
  if (bytes.length === 0) return { kind: 'unreadable', reason: 'the payload is empty' };
  const envelope = envelopes.find((candidate) => candidate.accepts(bytes));
  if (!envelope) return { kind: 'unreadable', reason: 'the payload is of no known kind' };
  const opened = envelope.open(bytes, { maxBytes });
  if (opened.kind !== 'pieces') return opened;
  const lines = opened.pieces.flatMap(linesOf);
  return lines.length > 0 ? { kind: 'lines', lines } : { kind: 'unreadable', reason: 'the payload holds no line' };
}

/** Decodes base64, strictly where Node's decoder skips what it does not know: no byte may get lost unseen. */
function bytesOf(data: unknown): Buffer | undefined {
  if (typeof data !== 'string' || data.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(data, 'base64');
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return bytes.length === (data.length / 4) * 3 - padding ? bytes : undefined;
}

function linesOf(piece: Piece): Piece[] {
  if (!('text' in piece)) return [piece];
  return piece.text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line }));
}
