import type { Around } from '../context/around.ts';
import type { AlertRecord } from '../counters/alert-record.ts';
import type { CounterKey } from '../counters/counter-key.ts';
import type { CountedDelta } from '../counters/delta.ts';
import type { Level } from '../rules/level.ts';
import type { Rule } from '../rules/model.ts';

/** The result of an evaluation that an alert is due. */
export interface Finding extends CountedDelta {
  readonly rule: Rule;
  /** The alert record to store. */
  readonly record: AlertRecord;
  /** The stored record of the same rule and multiple; undefined without one. */
  readonly replaces: AlertRecord | undefined;
  /** Whether an earlier attempt of this batch claimed the record: only a change of `deferred` is claimed again. */
  readonly isClaimed: boolean;
  /** Whether a queue of waiting alerts has an entry of the rule and key, which stays until no alert is pending. */
  readonly isQueued?: true;
  /** What happened around its hosts; undefined without a table of context events. */
  readonly around?: Around;
}

/** Returns the level of a finding's alert: that of the rule, or the one to which context raised it. */
export function levelOf({ rule, around }: Pick<Finding, 'rule' | 'around'>): Level {
  return around?.raise?.to ?? rule.level;
}

/** An alert that suppresses findings of a batch, or the latest alert before a silence that does. */
export interface Suppression {
  readonly level: Level;
  readonly pk: string;
  readonly record: AlertRecord;
}

/** The result of evaluating the rules of one counter. */
export interface Evaluation {
  readonly findings: readonly Finding[];
  readonly suppressions: readonly Suppression[];
  /** Rules and keys with an unsent alert of another batch that suppresses findings of this one. */
  readonly pendingElsewhere: readonly ReEvaluation[];
}

/**
 * A re-evaluation queue. Alerts that wait have a queue for each level, so that many alerts of one level leave the places
 * of the other levels free. Sent alerts that await a resolution notice have a separate queue, since they stay long.
 */
export type ReEvaluationQueue = Level | 'resolution';

/** An entry of a re-evaluation queue: a rule and a key to evaluate even if no flow of theirs arrives. */
export interface ReEvaluation {
  readonly queue: ReEvaluationQueue;
  readonly rule: string;
  readonly key: CounterKey;
  /** The id of the alert that waits, or that awaits its notice: whoever schedules it again adds no entry. */
  readonly alertId: string;
}
