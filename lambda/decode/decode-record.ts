import { messageOf } from '../common/errors.ts';
import { cloudWatchGzip } from './envelopes/cloudwatch-gzip.ts';
import { cloudWatchJson, namesMessageType } from './envelopes/cloudwatch-json.ts';
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

/** Every way in which a record may be wrapped. No bytes are accepted by two, so their order does not matter. */
export const envelopes: readonly Envelope[] = [cloudWatchGzip, cloudWatchJson, messageJson, text];

/** The one of them that accepts the bytes, found with each thing looked at once. */
export function envelopeOf(bytes: Buffer): Envelope {
  if (isGzip(bytes)) return cloudWatchGzip;
  if (!isObject(bytes)) return text;
  return namesMessageType(bytes) ? cloudWatchJson : messageJson;
}

/** What a record holds: lines, each unreadable one with its reason; or nothing but CloudWatch's sign of life. */
export type Decoded =
  | { readonly kind: 'lines'; readonly lines: readonly EnvelopeItem[] }
  | { readonly kind: 'control' }
  | Unreadable;

/** What a record may come to. */
export interface DecodeLimits {
  /** The most bytes that it may expand to. */
  readonly maxBytes: number;
  /** The most lines that it may hold. */
  readonly maxLines: number;
}

/** Opens the base64 payload of one Firehose record. Never throws. Answers also how many bytes were looked at. */
export function decodeRecord(
  data: unknown,
  limits: DecodeLimits,
): { readonly decoded: Decoded; readonly bytes: number } {
  const bytes = bytesOf(data);
  if (!bytes) return { decoded: { kind: 'unreadable', reason: 'the data is no base64' }, bytes: 0 };
  if (bytes.length === 0) return { decoded: { kind: 'unreadable', reason: 'the payload is empty' }, bytes: 0 };
  const envelope = envelopeOf(bytes);
  try {
    const expanded = envelope.open(bytes, { maxBytes: limits.maxBytes });
    return { decoded: decodedOf(expanded.content, limits.maxLines), bytes: expanded.bytes };
  } catch (error) {
    return {
      decoded: { kind: 'unreadable', reason: `the payload cannot be opened: ${messageOf(error)}` },
      bytes: limits.maxBytes,
    };
  }
}

function decodedOf(opened: EnvelopeContent, maxLines: number): Decoded {
  if (opened.kind !== 'pieces') return opened;
  const tooMany: Unreadable = {
    kind: 'unreadable',
    reason: `the payload holds more than ${maxLines} lines`,
    exceedsBudget: true,
  };
  // Counted before they are made. A line break ends a line, so a piece of one line may count as two.
  const count = opened.pieces.reduce((sum, piece) => sum + 1 + ('text' in piece ? lineBreaks(piece.text) : 0), 0);
  if (count > 2 * maxLines) return tooMany;
  const lines = opened.pieces.flatMap(linesOf);
  if (lines.length > maxLines) return tooMany;
  return lines.length > 0 ? { kind: 'lines', lines } : { kind: 'unreadable', reason: 'the payload holds no line' };
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Decodes base64, strictly where Node's decoder skips what it does not know: no byte may get lost unseen. */
function bytesOf(data: unknown): Buffer | undefined {
  if (typeof data !== 'string' || data.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(data, 'base64');
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return bytes.length === (data.length / 4) * 3 - padding ? bytes : undefined;
}

function linesOf(piece: EnvelopeItem): EnvelopeItem[] {
  if (!('text' in piece)) return [piece];
  if (!piece.text.includes('\n')) return piece.text.trim() === '' ? [] : [piece];
  return piece.text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line }));
}
