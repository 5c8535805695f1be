import type { Flow } from './flow.ts';
import type { Format } from './format.ts';
import { scanLine } from './scan-line.ts';

/** A record that was read, and how long its payload and its line are, in bytes. */
export interface UsualRecord {
  readonly flow: Flow;
  readonly payloadLength: number;
  readonly lineLength: number;
}

const start = '{"message":"';
const startInBase64 = btoa(start);

/**
 * Reads a record as VPC Flow Logs puts it to Firehose: `{"message":"<line>"}`, with or without a line break after it, of
 * one line as core/scan-line.ts knows it, in base64 without line breaks. Such a line has no character that JSON would
 * escape, so what lies between the quotes is the message. Of any other record nothing is known here: see core/decode.ts,
 * which reads all of them, these too.
 *
 * @returns undefined where the record must be looked at closely
 */
export function readUsualRecord(data: unknown, formats: readonly Format[]): UsualRecord | undefined {
  if (typeof data !== 'string' || !data.startsWith(startInBase64)) return undefined;
  const payload = payloadOf(data);
  if (payload === undefined) return undefined;
  const to = payload.length - (payload.endsWith('\n') ? '"}\n' : '"}').length;
  if (!payload.startsWith('"}', to)) return undefined;
  const flow = scanLine(payload, start.length, to, formats);
  return flow && { flow, payloadLength: payload.length, lineLength: to - start.length };
}

/** The bytes that base64 without gaps stands for, a character each. */
function payloadOf(data: string): string | undefined {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  try {
    const payload = atob(data);
    return payload.length === (data.length / 4) * 3 - padding ? payload : undefined;
  } catch {
    return undefined;
  }
}
