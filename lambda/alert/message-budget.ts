import { type Batch, minuteOf } from '../counters/batch.ts';
import type { AlertPorts } from './alert-ports.ts';
import type { MessageLimits } from './messages.ts';

/** The number of messages that a batch may still publish. */
export class MessageBudget {
  #left: number;

  constructor(messages: number) {
    this.#left = messages;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes messages out of the budget. */
  take(messages: number): void {
    this.#left -= messages;
  }
}

/**
 * Reserves messages of the batch's minute of arrival, up to both limits.
 *
 * @param wanted the number of messages if none is deferred
 */
export async function reserveBudget(
  wanted: number,
  batch: Batch,
  { perBatch, perMinute }: MessageLimits,
  { alertState, deadline }: Pick<AlertPorts, 'alertState' | 'deadline'>,
): Promise<MessageBudget> {
  const requested = Math.min(perBatch, wanted);
  if (requested === 0) return new MessageBudget(0);
  return new MessageBudget(await alertState.reserveMessages(minuteOf(batch), requested, perMinute, deadline));
}
