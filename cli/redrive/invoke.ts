import { createHash } from 'node:crypto';
import type { PassOn } from '../../lambda/decode/firehose-event.ts';
import type { TransformedRecord } from '../../lambda/respond/respond.ts';
import type { Invoke } from '../deployment/lambda-function.ts';
import type { FailedRecord } from '../flow-files/formats/firehose-error-object.ts';

/** The delivery stream that records name as their origin. */
export interface Origin {
  readonly deliveryStreamArn: string;
  readonly region: string;
}

/**
 * Sends records to the function as Firehose would. The function recognises a batch by its payloads, their order and their
 * times of arrival.
 *
 * @param passOn requests some lines of each record, without counting
 * @throws Error if the response lacks a record, or the error of `invoke`
 */
export async function callFunction(
  records: readonly FailedRecord[],
  origin: Origin,
  invoke: Invoke,
  passOn?: PassOn,
): Promise<TransformedRecord[]> {
  const event = {
    invocationId: `redrive-${contentHash(records)}`,
    ...origin,
    records: records.map(({ data, arrival }, index) => ({
      recordId: String(index),
      ...(arrival > 0 && { approximateArrivalTimestamp: arrival }),
      data,
    })),
    redrive: true,
    ...(passOn && { passOn }),
  };
  const answers = ((await invoke(event)) as { records?: TransformedRecord[] } | null)?.records;
  const isAnswer =
    Array.isArray(answers) &&
    answers.length === records.length &&
    answers.every(({ recordId, result, data }, index) => {
      const isKnown = ['Ok', 'Dropped', 'ProcessingFailed'].includes(result);
      return recordId === String(index) && isKnown && typeof data === 'string';
    });
  if (!isAnswer) throw new Error('the response of the function lacks records');
  return answers;
}

/** Returns a hash of the payloads and their times of arrival, in order: sixteen hexadecimal digits. */
export function contentHash(records: readonly FailedRecord[]): string {
  const hash = createHash('sha256');
  for (const { data, arrival } of records) hash.update(`${data} ${arrival}\n`);
  return hash.digest('hex').slice(0, 16);
}
