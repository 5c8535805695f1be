import { type Envelope, isGzip, isObject, type Opened, textOf } from './envelope.ts';

/** Bare flow log lines: what Firehose's own decompression with message extraction leaves, and any producer may send. */
export const text: Envelope = {
  name: 'text',
  accepts: (bytes) => !isGzip(bytes) && !isObject(bytes),
  open(bytes) {
    const lines = textOf(bytes);
    const opened: Opened =
      lines === undefined
        ? { kind: 'unreadable', reason: 'the record is no UTF-8 text' }
        : { kind: 'pieces', pieces: [{ text: lines }] };
    return { opened, bytes: bytes.length };
  },
};
