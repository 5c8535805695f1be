import { maxResponseBytes } from '../../lambda/respond/respond.ts';
import type { Traffic } from './measured-traffic.ts';
import { mebibyte, minutesPerDay } from './units.ts';
import type { Usage } from './usage.ts';

/** Returns the records of a minute, on average. */
export function recordsPerMinute({ recordsPerDay }: Usage): number {
  return recordsPerDay / minutesPerDay;
}

/** Returns the bytes of a record as the stream ingests them. */
export function ingestedBytesPerRecord({ wayIn }: Usage, { payloadBytes, subscriptionBytes }: Traffic): number {
  return wayIn === 'flow-logs' ? payloadBytes : subscriptionBytes;
}

/** A record's share of a response: its line in base64, and some 120 bytes of JSON around the line. */
function responseBytesPerRecord({ decodedBytes }: Traffic): number {
  return (decodedBytes * 4) / 3 + 120;
}

/** The intervals of the buffer in a minute: 1, or 0.2 if it waits for 300 s. */
function bufferIntervalsPerMinute({ bufferIntervalSeconds }: Usage): number {
  return 60 / bufferIntervalSeconds;
}

/** Returns the largest of three: batches by the buffer's time, by the buffer's size, and by the size of a response. */
export function batchesPerMinute(usage: Usage, traffic: Traffic): number {
  const records = recordsPerMinute(usage);
  return Math.max(
    bufferIntervalsPerMinute(usage),
    (records * ingestedBytesPerRecord(usage, traffic)) / (usage.bufferMebibytes * mebibyte),
    (records * responseBytesPerRecord(traffic)) / maxResponseBytes,
  );
}
