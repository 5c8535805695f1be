import { gunzipSync } from 'node:zlib';
import { cloudWatchJson, isCloudWatch } from './cloudwatch-json.ts';
import { type Envelope, isGzip, type Unreadable } from './envelope.ts';

/** A CloudWatch Logs subscription's batch as it is sent: compressed by gzip. What it expands to is capped. */
export const cloudWatchGzip: Envelope = {
  name: 'cloudwatch-gzip',
  accepts: isGzip,
  open(bytes, limits) {
    let batch: Buffer;
    try {
      batch = gunzipSync(bytes, { maxOutputLength: limits.maxBytes });
    } catch (error) {
      const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      const reason = tooLarge ? `expands to more than ${limits.maxBytes} bytes` : 'is corrupt';
      const opened: Unreadable = { kind: 'unreadable', reason: `the gzip record ${reason}` };
      return {
        content: tooLarge ? { ...opened, exceedsBudget: true } : opened,
        bytes: tooLarge ? limits.maxBytes : bytes.length,
      };
    }
    if (isCloudWatch(batch)) return cloudWatchJson.open(batch, limits);
    const opened = { kind: 'unreadable', reason: 'the gzip record holds no CloudWatch Logs batch' } as const;
    return { content: opened, bytes: batch.length };
  },
};
