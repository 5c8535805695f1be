import { gunzipSync } from 'node:zlib';
import { cloudWatchJson, isCloudWatch } from './cloudwatch-json.ts';
import { type Envelope, isGzip, type Unreadable } from './envelope.ts';

/** A gzip batch of a CloudWatch Logs subscription, as CloudWatch Logs sends it. Its expansion is limited. */
export const cloudWatchGzip: Envelope = {
  name: 'cloudwatch-gzip',
  accepts: isGzip,
  open(bytes, limits) {
    let batch: Buffer;
    try {
      batch = gunzipSync(bytes, { maxOutputLength: limits.maxBytes });
    } catch (error) {
      const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      const problem = tooLarge ? `expands to more than ${limits.maxBytes} bytes` : 'is corrupt';
      const content: Unreadable = { kind: 'unreadable', reason: `the gzip record ${problem}` };
      return {
        content: tooLarge ? { ...content, exceedsBudget: true } : content,
        bytes: tooLarge ? limits.maxBytes : bytes.length,
      };
    }
    if (isCloudWatch(batch)) return cloudWatchJson.open(batch, limits);
    const content = { kind: 'unreadable', reason: 'the gzip record is not a CloudWatch Logs batch' } as const;
    return { content, bytes: batch.length };
  },
};
