import { type Envelope, type EnvelopeContent, isGzip, isObject, textOf } from './envelope.ts';

/** Bare flow log lines: what Firehose's own decompression with message extraction leaves, and any producer may send. */
export const text: Envelope = {
  name: 'text',
  accepts: (bytes) => !isGzip(bytes) && !isObject(bytes),
  open(bytes) {
    const lines = textOf(bytes);
    const opened: EnvelopeContent =
      lines === undefined
        ? { kind: 'unreadable', reason: 'the record is no UTF-8 text' }
        : { kind: 'pieces', pieces: [{ text: lines }] };
    return { content: opened, bytes: bytes.length };
  },
};
