import { type Batch, minuteOf } from '../counters/batch.ts';
import { type Finding, levelOf } from '../evaluate/finding.ts';
import { type Level, severeFirst } from '../rules/level.ts';
import type { AlertPorts } from './alert-ports.ts';
import { byLevel, type MessagesByLevel } from './message-allowance.ts';
import { digestCount, type MessageLimits, messageCount } from './messages.ts';

/** The numbers of messages that a batch may still publish, by level. */
export class MessageBudget {
  readonly #left: Record<Level, number>;

  constructor(messages: MessagesByLevel) {
    this.#left = { ...messages };
  }

  left(level: Level): number {
    return this.#left[level];
  }

  /** Takes messages out of the budget of a level. */
  take(level: Level, messages: number): void {
    this.#left[level] -= messages;
  }
}

/**
 * Reserves messages of the batch's minute of arrival, up to both limits: see message-allowance.ts.
 *
 * @param rounds the findings whose alerts are published, each round with findings of one level
 */
export async function reserveBudget(
  rounds: readonly (readonly Finding[])[],
  storms: ReadonlySet<string>,
  batch: Batch,
  { perBatch, perMinute }: MessageLimits,
  { alertState, deadline }: Pick<AlertPorts, 'alertState' | 'deadline'>,
): Promise<MessageBudget> {
  const sumOf = (level: Level, count: (round: readonly Finding[]) => number) =>
    rounds.reduce((sum, round) => sum + (round[0] && levelOf(round[0]) === level ? count(round) : 0), 0);
  const least = byLevel((level) => sumOf(level, digestCount));
  const most = byLevel((level) => sumOf(level, (round) => messageCount(round, storms)));
  const requested = requestOf(least, most, perBatch);
  if (severeFirst.every((level) => requested[level] === 0)) return new MessageBudget(requested);
  return new MessageBudget(await alertState.reserveMessages(minuteOf(batch), requested, perMinute, deadline));
}

/**
 * Distributes the messages of a batch: first a digest for each rule, then single alerts, each time the most severe level
 * first.
 *
 * @param least the number of messages if each rule has a digest
 * @param most the number of messages if each alert that is not part of a storm has its message
 */
export function requestOf(least: MessagesByLevel, most: MessagesByLevel, perBatch: number): MessagesByLevel {
  const requested = byLevel(() => 0);
  let left = perBatch;
  for (const total of [least, most]) {
    for (const level of severeFirst) {
      const taken = Math.min(total[level] - requested[level], left);
      requested[level] += taken;
      left -= taken;
    }
  }
  return requested;
}
