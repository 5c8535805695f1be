import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { readQuantities } from '../../lambda/common/quantity.ts';
import { compareAlerts, isAlwaysListed } from './alert-order.ts';

/** Alerts of one rule; a digest counts as the alerts that it lists, a resolution notice and an update as none. */
export interface RuleSummary {
  alerts: number;
  readonly keys: Set<string>;
  /** Whether there are more keys, since a digest names only some of its keys. */
  hasMoreKeys: boolean;
  /** Times of the first and the last alert, in epoch seconds. */
  readonly first: number;
  last: number;
}

export interface AlertSummaryOptions {
  /** Maximum number of messages in `worstAlerts`, unless more are of level high or critical. */
  readonly maxShown: number;
  /** Whether `bodies` has all messages. */
  readonly storeAll: boolean;
}

/** Summary of the alerts of a run, which are added in the order in which they are raised. */
export class AlertSummary {
  /** All messages as JSON; empty unless requested. */
  readonly bodies: string[] = [];
  /** Summaries by the name of the rule. */
  readonly byRule = new Map<string, RuleSummary>();
  readonly #severe: AlertBody[] = [];
  /** At most twice the maximum. */
  #others: AlertBody[] = [];
  #messages = 0;
  #updates = 0;
  #experimental = 0;
  readonly #options: AlertSummaryOptions;

  constructor(options: AlertSummaryOptions) {
    this.#options = options;
  }

  /** Number of messages. */
  get messages(): number {
    return this.#messages;
  }

  /** Number of messages that are updates of alerts. */
  get updates(): number {
    return this.#updates;
  }

  /** Number of messages that a deployed function only logs, since their rules are experimental. */
  get experimental(): number {
    return this.#experimental;
  }

  /** The messages to show, the worst first. All messages of level high and critical are there. */
  get worstAlerts(): AlertBody[] {
    const all = [...this.#severe, ...this.#others].sort(compareAlerts);
    return all.slice(0, Math.max(this.#options.maxShown, this.#severe.length));
  }

  /** Adds a message. @param body JSON body of the message, as a queue receives it */
  add(body: string): void {
    const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => AlertBody;
    const alert = parse(body, readQuantities);
    this.#messages += 1;
    if (alert.ruleStatus === 'experimental') this.#experimental += 1;
    if (this.#options.storeAll) this.bodies.push(body);
    if (isAlwaysListed(alert)) this.#severe.push(alert);
    else this.#addOther(alert);
    if (alert.update) this.#updates += 1;
    else if (!alert.ended) this.#addToRule(alert);
  }

  #addOther(alert: AlertBody): void {
    const { maxShown } = this.#options;
    this.#others.push(alert);
    if (this.#others.length >= 2 * maxShown) this.#others = this.#others.sort(compareAlerts).slice(0, maxShown);
  }

  #addToRule({ rule, time, key, scope, digest }: AlertBody): void {
    const at = Math.floor(time / 1000);
    const summary = this.byRule.get(rule) ?? { alerts: 0, keys: new Set(), hasMoreKeys: false, first: at, last: at };
    this.byRule.set(rule, summary);
    summary.alerts += digest?.alerts ?? 1;
    for (const one of digest?.keys ?? [{ key, scope }]) summary.keys.add(JSON.stringify([one.key, one.scope]));
    summary.hasMoreKeys ||= digest !== undefined && digest.alerts > digest.keys.length;
    summary.last = at;
  }
}
