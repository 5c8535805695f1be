import type { RaisedAlert } from '../../cli/replay/raised-alert.ts';
import type { Label } from '../../events/scenarios/labels.ts';

/** What is wrong with a rule's alerts: one that nobody is to blame for, or an attack that none tells of. Epoch seconds. */
export interface Difference {
  readonly style: string;
  readonly key: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  /** Of a missed attack, its manner. */
  readonly attack?: string;
}

/** How a rule did. */
export interface RuleScore {
  readonly rule: string;
  /** The rule's status; `missing` if the corpus has attacks for a rule that does not exist. */
  readonly status: 'stable' | 'test' | 'experimental' | 'missing';
  /** Planted, each key that it is due for counted once. */
  readonly attacks: number;
  readonly found: number;
  readonly alerts: number;
  /** The part of the alerts that are right; null when there are none. */
  readonly precision: number | null;
  /** The part of the attacks that were found; null when none was planted. */
  readonly recall: number | null;
  readonly falseAlerts: readonly Difference[];
  readonly missed: readonly Difference[];
}

/** A style's labels, with the manner of their attacks, and the alerts that were raised in it. */
export interface Outcome {
  readonly style: string;
  readonly labels: readonly { readonly label: Label; readonly attack: string }[];
  readonly alerts: readonly RaisedAlert[];
}

/** Compares the alerts of one rule with its labels. An alert is right when one of them has its key and overlaps its window. */
export function scoreOf(rule: string, status: RuleScore['status'], outcomes: readonly Outcome[]): RuleScore {
  const missed: Difference[] = [];
  const falseAlerts: Difference[] = [];
  let [attacks, alerts] = [0, 0];
  for (const { style, ...outcome } of outcomes) {
    const due = outcome.labels.filter(({ label }) => label.rule === rule);
    const raised = outcome.alerts.filter((alert) => alert.rule === rule);
    attacks += due.length;
    alerts += raised.length;
    for (const { label, attack } of due) {
      const { key, from, to } = label;
      if (!raised.some((alert) => isRight(alert, label))) missed.push({ style, key, from, to, attack });
    }
    for (const alert of raised) {
      const { key, from, to } = alert;
      if (!due.some(({ label }) => isRight(alert, label))) falseAlerts.push({ style, key, from, to });
    }
  }
  return {
    ...{ rule, status, attacks, alerts, missed, falseAlerts },
    found: attacks - missed.length,
    precision: alerts === 0 ? null : (alerts - falseAlerts.length) / alerts,
    recall: attacks === 0 ? null : (attacks - missed.length) / attacks,
  };
}

/** Whether a stable rule is less than perfect, which the corpus does not allow. */
export function failsOf(scores: readonly RuleScore[]): RuleScore[] {
  return scores.filter(
    ({ status, missed, falseAlerts }) => status === 'stable' && missed.length + falseAlerts.length > 0,
  );
}

/** The window of an alert ends before the second that it says. */
function isRight(alert: RaisedAlert, label: Label): boolean {
  return keyText(alert.key) === keyText(label.key) && alert.from <= label.to && alert.to > label.from;
}

function keyText(key: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(key).sort());
}
