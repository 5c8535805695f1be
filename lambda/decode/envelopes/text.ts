import { type Envelope, type EnvelopeContent, isGzip, isObject, textOf } from './envelope.ts';

/** Plain flow log lines, from Firehose's own decompression with message extraction, or from any other producer. */
export const text: Envelope = {
  name: 'text',
  accepts: (bytes) => !isGzip(bytes) && !isObject(bytes),
  open(bytes) {
    const lines = textOf(bytes);
    const content: EnvelopeContent =
      lines === undefined
        ? { kind: 'unreadable', reason: 'the record is not UTF-8 text' }
        : { kind: 'items', items: [{ text: lines }] };
    return { content, bytes: bytes.length };
  },
};
