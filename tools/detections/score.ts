import type { RaisedAlert } from '../../cli/replay/raised-alert.ts';
import type { Label } from '../../events/scenarios/labels.ts';

/** A false alert, or an attack without an alert. Times are epoch seconds. */
export interface Difference {
  readonly style: string;
  readonly key: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  /** The name of a missed attack. */
  readonly attack?: string;
}

/** The score of a rule. */
export interface RuleScore {
  readonly rule: string;
  /** The rule's status; `missing` if the corpus has attacks for a rule that does not exist. */
  readonly status: 'stable' | 'test' | 'experimental' | 'missing';
  /** The number of labels: one for each expected key of a planted attack. */
  readonly attacks: number;
  readonly found: number;
  readonly alerts: number;
  /** The share of true alerts; null without an alert. */
  readonly precision: number | null;
  /** The share of attacks that were found; null without an attack. */
  readonly recall: number | null;
  readonly falseAlerts: readonly Difference[];
  readonly missed: readonly Difference[];
}

/** The labels of a style, with the names of their attacks, and its alerts. */
export interface Outcome {
  readonly style: string;
  readonly labels: readonly { readonly label: Label; readonly attack: string }[];
  readonly alerts: readonly RaisedAlert[];
}

/** Compares the alerts of one rule with its labels. An alert is true if a label has its key and overlaps its window. */
export function scoreOf(rule: string, status: RuleScore['status'], outcomes: readonly Outcome[]): RuleScore {
  const missed: Difference[] = [];
  const falseAlerts: Difference[] = [];
  let [attacks, alerts] = [0, 0];
  for (const { style, ...outcome } of outcomes) {
    const expected = outcome.labels.filter(({ label }) => label.rule === rule);
    const raised = outcome.alerts.filter((alert) => alert.rule === rule);
    attacks += expected.length;
    alerts += raised.length;
    for (const { label, attack } of expected) {
      const { key, from, to } = label;
      if (!raised.some((alert) => isTrueAlert(alert, label))) missed.push({ style, key, from, to, attack });
    }
    for (const alert of raised) {
      const { key, from, to } = alert;
      if (!expected.some(({ label }) => isTrueAlert(alert, label))) falseAlerts.push({ style, key, from, to });
    }
  }
  return {
    ...{ rule, status, attacks, alerts, missed, falseAlerts },
    found: attacks - missed.length,
    precision: alerts === 0 ? null : (alerts - falseAlerts.length) / alerts,
    recall: attacks === 0 ? null : (attacks - missed.length) / attacks,
  };
}

/** Returns the scores of stable rules with a missed attack or a false alert. */
export function failsOf(scores: readonly RuleScore[]): RuleScore[] {
  return scores.filter(
    ({ status, missed, falseAlerts }) => status === 'stable' && missed.length + falseAlerts.length > 0,
  );
}

/** Returns whether a label has the key of an alert, its level if it has one, and overlaps its window, whose end is exclusive. */
function isTrueAlert(alert: RaisedAlert, label: Label): boolean {
  return (
    keyText(alert.key) === keyText(label.key) &&
    alert.from <= label.to &&
    alert.to > label.from &&
    isOfLevel(alert, label)
  );
}

function isOfLevel(alert: RaisedAlert, { level }: Label): boolean {
  return level === undefined || alert.level === level;
}

function keyText(key: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(key).sort());
}
