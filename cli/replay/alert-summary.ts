import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { readQuantities } from '../../lambda/common/quantity.ts';

/** What a rule's alerts came to; a digest counts as the alerts that it stands for, a note of an end as none. */
export interface RuleSummary {
  alerts: number;
  readonly keys: Set<string>;
  /** Whether there may be keys besides: a digest names some of its keys only. */
  hasMoreKeys: boolean;
  /** When the first and the last were raised, in epoch seconds. */
  readonly first: number;
  last: number;
}

/** What is known of the alerts of a run, in the order in which they are raised. */
export class AlertSummary {
  /** The first messages, as many as are to be shown. */
  readonly firstAlerts: AlertBody[] = [];
  /** All messages as JSON, where they are asked for. */
  readonly bodies: string[] = [];
  /** By the rule's name. */
  readonly byRule = new Map<string, RuleSummary>();
  #messages = 0;
  readonly #options: { readonly most: number; readonly keepAll: boolean };

  /** @param options how many are to be shown, and whether all are kept */
  constructor(options: { readonly most: number; readonly keepAll: boolean }) {
    this.#options = options;
  }

  /** How many messages there were. */
  get messages(): number {
    return this.#messages;
  }

  /** @param body what a queue gets of the message */
  add(body: string): void {
    const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => AlertBody;
    const alert = parse(body, readQuantities);
    this.#messages += 1;
    if (this.#options.keepAll) this.bodies.push(body);
    if (this.firstAlerts.length < this.#options.most) this.firstAlerts.push(alert);
    if (!alert.ended) this.#sum(alert);
  }

  #sum({ rule, time, key, digest }: AlertBody): void {
    const at = Math.floor(time / 1000);
    const sum = this.byRule.get(rule) ?? { alerts: 0, keys: new Set(), hasMoreKeys: false, first: at, last: at };
    this.byRule.set(rule, sum);
    sum.alerts += digest?.alerts ?? 1;
    for (const one of digest?.keys.map((named) => named.key) ?? [key]) sum.keys.add(JSON.stringify(one));
    sum.hasMoreKeys ||= digest !== undefined && digest.alerts > digest.keys.length;
    sum.last = at;
  }
}
