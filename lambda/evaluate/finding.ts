import type { AlertRecord } from '../counters/alert-record.ts';
import type { CounterKey } from '../counters/counter-key.ts';
import type { CountedDelta } from '../counters/delta.ts';
import type { Rule } from '../rules/model.ts';

/** A rule's verdict that an alert is due. */
export interface Finding extends CountedDelta {
  readonly rule: Rule;
  /** The promise to publish the alert, as it is to be stored. */
  readonly record: AlertRecord;
  /** The claim that stands in its place; undefined when there is none. */
  readonly replaces: AlertRecord | undefined;
  /** Whether this batch holds the promise already, from an earlier try: then it is claimed again only to put it off or not. */
  readonly isClaimed: boolean;
}

/** An alert that holds back another one of the same key, or after which a silence does: that is counted. */
export interface Suppression {
  readonly pk: string;
  readonly record: AlertRecord;
}

/** What the windows of one counter come to. */
export interface Evaluation {
  readonly findings: readonly Finding[];
  readonly suppressions: readonly Suppression[];
  /** Promises of other batches that hold alerts of this one back, and are not kept yet: they are to be looked at again. */
  readonly pendingElsewhere: readonly ReEvaluation[];
}

/** A rule and a key whose alerts are to be looked at again though no flow of theirs comes. */
export interface ReEvaluation {
  readonly rule: string;
  readonly key: CounterKey;
  /** The token of the batch that asks for it: what one asks for anew is not forgotten with what another has done. */
  readonly token: string;
}
