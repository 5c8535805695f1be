import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { Period, RecordTotals } from '../../statistics/flow-counts.ts';
import type { Timeline } from '../../statistics/flow-timeline.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';

/**
 * All that a report says, as the page gets it: JSON, in which a whole number may have more than 53 bits (quantity.ts).
 * Times are epoch seconds. The same run gives the same bytes, so there is no time of making in it.
 */
export interface ReportData {
  readonly version: 1;
  /** The command that made it, such as `flow-sentinel replay logs/`. */
  readonly command: string;
  readonly sources: readonly ReportSource[];
  /** How many sources there are beyond those that are listed. */
  readonly moreSources: number;
  readonly records: RecordTotals;
  /** From the earliest `start` to the latest `end` of a flow; undefined where there is none. */
  readonly period: Period | undefined;
  /** In the order in which they were raised. */
  readonly alerts: readonly ReportAlert[];
  /** The busiest pairs, and how many there are in all. */
  readonly pairs: readonly PairCounter[];
  readonly pairCount: number;
  /** Whom the ends of the alerts spoke with: the pairs that are alerted on, and the busiest of each end. */
  readonly surroundings: readonly PairCounter[];
  readonly timeline: Timeline;
  /** Every rule that judged, also those that found nothing. */
  readonly rules: readonly ReportRule[];
}

export interface ReportSource {
  readonly name: string;
  readonly kind: string;
  readonly records: number;
  /** Why it, or the rest of it, could not be read. */
  readonly problem?: string;
}

export interface ReportAlert {
  readonly subject: string;
  /** As the mail reads. */
  readonly text: string;
  readonly body: AlertBody;
}

export interface ReportRule {
  readonly name: string;
  readonly title: string;
  readonly level: string;
  readonly status: string;
  /** Alerts, each key of a digest for one; notes of an end are none. */
  readonly alerts: number;
  readonly keys: number;
}
