/** The content of one Firehose record. An item is one message; its text may have several lines. */
export type EnvelopeContent =
  | { readonly kind: 'items'; readonly items: readonly EnvelopeItem[] }
  | { readonly kind: 'control' }
  | Unreadable;

/** The reason why a record has no content, and whether a larger budget could help. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
  readonly exceedsBudget?: true;
}

/** The content of an envelope, and the number of bytes that were read for it. */
export interface OpenedEnvelope {
  readonly content: EnvelopeContent;
  readonly bytes: number;
}

/** The text of a message, or an invalid part of a record with its own text and reason. */
export type EnvelopeItem = { readonly text: string } | { readonly unreadable: string; readonly reason: string };

/** Limits of an expanded record. */
export interface OpenLimits {
  /** Maximum size of a decompressed record. */
  readonly maxBytes: number;
}

/** One way to wrap flow log lines in a Firehose record. */
export interface Envelope {
  readonly name: string;
  /** Returns whether the bytes are in this envelope; exactly one envelope accepts any bytes. */
  accepts(bytes: Buffer): boolean;
  /** Opens accepted bytes. May throw if JSON is nested too deeply. */
  open(bytes: Buffer, limits: OpenLimits): OpenedEnvelope;
}

/** Returns whether the bytes are compressed by gzip (RFC 1952 section 2.3.1: ID1 and ID2). */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Returns whether the bytes begin a JSON object, after a byte order mark and white space (RFC 8259 section 2). */
export function isObject(bytes: Buffer): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return bytes[at] === 0x7b;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8 without a byte order mark; undefined if the bytes are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Splits a text of consecutive JSON objects, with or without white space between them. */
export function objectTexts(text: string): string[] {
  return text.split(/(?<=\})\s*(?=\{)/);
}
