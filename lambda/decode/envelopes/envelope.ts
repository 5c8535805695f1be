/** What came out of one Firehose record. A `piece` is one message; `text` may hold several lines. */
export type EnvelopeContent =
  | { readonly kind: 'pieces'; readonly pieces: readonly EnvelopeItem[] }
  | { readonly kind: 'control' }
  | Unreadable;

/** Why a record gives nothing, and whether it could give something if it had more room. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
  readonly exceedsBudget?: true;
}

/** What was opened, and how many bytes had to be looked at for it. */
export interface OpenedEnvelope {
  readonly content: EnvelopeContent;
  readonly bytes: number;
}

/** A message, or a part of a record that is none, with its own text. */
export type EnvelopeItem = { readonly text: string } | { readonly unreadable: string; readonly reason: string };

/** Limits on what a record may expand to. */
export interface OpenLimits {
  /** The most bytes that a compressed record may hold. */
  readonly maxBytes: number;
}

/** One way in which flow log lines are wrapped in a Firehose record. */
export interface Envelope {
  readonly name: string;
  /** Whether the bytes are wrapped this way; no bytes are accepted by two envelopes. */
  accepts(bytes: Buffer): boolean;
  /** Opens bytes that were accepted. May throw on what is nested too deeply. */
  open(bytes: Buffer, limits: OpenLimits): OpenedEnvelope;
}

/** Whether the bytes are compressed by gzip (RFC 1952 section 2.3.1: ID1 and ID2). */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether the first byte that is no JSON white space (RFC 8259 section 2), after a byte order mark, opens an object. */
export function isObject(bytes: Buffer): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return bytes[at] === 0x7b;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text that the bytes are in UTF-8, without a byte order mark; undefined when they are none. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The JSON value that a text is; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The texts that a text of one or more JSON objects is made of, one after the other, with or without a break between. */
export function objectTexts(text: string): string[] {
  return text.split(/(?<=\})\s*(?=\{)/);
}
