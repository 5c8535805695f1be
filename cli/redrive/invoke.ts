import { createHash } from 'node:crypto';
import type { PassOn } from '../../lambda/decode/firehose-event.ts';
import type { TransformedRecord } from '../../lambda/respond/respond.ts';
import type { FailedRecord } from '../flow-files/formats/firehose-error-object.ts';

/** The function was not run, so that nothing can have been counted: it may not be invoked, is not there, or is throttled. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/** Invokes the deployed function with an event and answers what it answers. Rejects with NotRun where it is sure. */
export type Invoke = (event: object) => Promise<unknown>;

/** Where records say that they come from. */
export interface Origin {
  readonly deliveryStreamArn: string;
  readonly region: string;
}

/**
 * Sends records to the function as Firehose would: the same payloads in the same order with the same times of arrival are
 * the same batch to it.
 *
 * @param passOn asks for some lines of each, and for nothing to be counted
 * @throws Error when the answer is none, or what `invoke` throws
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
  if (!isAnswer) throw new Error('the function did not answer each record');
  return answers;
}

/** A name for these payloads in this order: sixteen hexadecimal digits. */
export function contentHash(records: readonly FailedRecord[]): string {
  const hash = createHash('sha256');
  for (const { data, arrival } of records) hash.update(`${data} ${arrival}\n`);
  return hash.digest('hex').slice(0, 16);
}
