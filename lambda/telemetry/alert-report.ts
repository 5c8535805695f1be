import type { AlertOutcome } from '../alert/send-alerts.ts';
import { levelOf, type ReEvaluation, type Suppression } from '../evaluate/finding.ts';
import { isSevere } from '../rules/level.ts';

/** What the stage `alert` has done for one batch or flush. */
export interface AlertStages {
  readonly outcome: AlertOutcome;
  /** Entries of the re-evaluation queues that wait longer, and entries that have no place in a queue. */
  readonly queued: { readonly waiting: readonly ReEvaluation[]; readonly unlisted: readonly ReEvaluation[] };
  readonly suppressions: readonly Suppression[];
}

/** The result of a batch that is put into the journal: a flush sends its alerts. */
export const nothingAlerted: AlertStages = {
  outcome: { published: [], logged: [], deferred: [], silenced: [], unlisted: [] },
  queued: { waiting: [], unlisted: [] },
  suppressions: [],
};

/** The alerts of a batch or a flush in numbers. */
export interface AlertReport {
  readonly alertsPublished: number;
  /** Alerts of experimental rules, alerts deferred to a later minute, and keys with suppressed or silenced alerts. */
  readonly alertsLogged: number;
  readonly alertsDeferred: number;
  readonly alertsSuppressed: number;
  /** Queued alerts that wait longer, if the batch read the queues; and alerts and notices without a place in a queue. */
  readonly alertsWaiting: number;
  readonly alertsUnlisted: number;
  /** Of the alerts that are deferred, wait or have no place: those of level high or critical. */
  readonly severeAlertsWaiting: number;
  /** The number of alerts of each rule, including experimental ones. */
  readonly alertsByRule: readonly { readonly rule: string; readonly level: string; readonly alerts: number }[];
}

/** Summarizes the alerts of a batch or a flush. */
export function alertReportOf({
  outcome: alerts,
  queued: { waiting, unlisted },
  suppressions,
}: AlertStages): AlertReport {
  return {
    alertsPublished: alerts.published.length,
    alertsLogged: alerts.logged.length,
    alertsDeferred: alerts.deferred.length,
    alertsSuppressed: suppressions.length + alerts.silenced.length,
    alertsWaiting: waiting.length,
    alertsUnlisted: unlisted.length,
    severeAlertsWaiting:
      alerts.deferred.filter((finding) => isSevere(levelOf(finding))).length +
      [...waiting, ...unlisted].filter(({ queue }) => queue !== 'resolution' && isSevere(queue)).length,
    alertsByRule: [...Map.groupBy([...alerts.published, ...alerts.logged], ({ rule }) => rule).entries()].map(
      ([{ name, level }, all]) => ({ rule: name, level, alerts: all.length }),
    ),
  };
}
