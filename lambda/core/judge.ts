import { createHash } from 'node:crypto';
import type { Rule } from '../sigma/compiled.ts';
import type { LoadedRules } from '../sigma/load.ts';
import type { KeyDelta } from './aggregate.ts';
import type { Batch } from './batch.ts';
import type { Claim, Counter } from './counter.ts';
import { fullestWindow, type WindowValue } from './window.ts';

/** A delta and the counter as it is after it. */
export interface Counted {
  readonly delta: KeyDelta;
  readonly counter: Counter;
}

/** A rule's verdict that an alert is due. */
export interface Finding extends Counted {
  readonly rule: Rule;
  /** The promise to publish the alert, as it is to be stored. */
  readonly claim: Claim;
  /** The claim that stands in its place; undefined when there is none. */
  readonly replaces: Claim | undefined;
  /** Whether this batch holds the promise already, from an earlier try: then it is not claimed again. */
  readonly claimed: boolean;
}

/**
 * A claim that was not marked as sent by now will not be by its owner: an hour after its arrival a batch comes no more
 * (the time for which tokens are kept: see core/counter.ts).
 */
const staleClaimSeconds = 3600;

/**
 * The alerts that are due after an update. A rule is judged when its series was added to: on the fullest window that
 * holds a slot of the delta. Due is what is over the threshold, or a multiple of it that the rule escalates at, with no
 * live alert of that multiple or more; and whatever was promised before and never sent.
 */
export function judge({ delta, counter }: Counted, batch: Batch, rules: LoadedRules): Finding[] {
  const findings: Finding[] = [];
  for (const [series, additions] of Map.groupBy(delta.additions, (addition) => addition.series)) {
    const touched = additions.map((addition) => addition.slot);
    for (const rule of rules.rulesOf.get(series) ?? []) {
      const due = (claim: Claim, replaces: Claim | undefined, claimed: boolean) =>
        findings.push({ delta, counter, rule, claim, replaces, claimed });
      const claims = counter.claims.filter((claim) => claim.rule === rule.name);
      for (const claim of claims) {
        if (claim.sent) continue;
        if (claim.token === batch.token) due(claim, undefined, true);
        else if (claim.arrival + staleClaimSeconds < batch.arrival)
          due({ ...claim, token: batch.token, arrival: batch.arrival }, claim, false);
      }
      const slots = counter.slots.get(series) ?? new Map();
      const best = fullestWindow(slots, touched, rule.timespanSeconds, rules.series.get(series)!.slotSeconds);
      const multiple = best && multipleReached(rule, best);
      if (multiple === undefined || isSuppressed(rule, multiple, best!, claims)) continue;
      const replaces = claims.find((claim) => claim.multiple === multiple);
      due(newClaim(rule, delta.key.pk, multiple, best!, batch), replaces, false);
    }
  }
  return findings;
}

/** The largest multiple of the threshold that the value is over, of 1 and those the rule escalates at. */
function multipleReached(rule: Rule, { value }: WindowValue): number | undefined {
  const over = (multiple: number) =>
    rule.comparison === 'gt' ? value > rule.threshold * multiple : value >= rule.threshold * multiple;
  return [1, ...rule.escalate].findLast(over);
}

/** A live alert holds back those of its own multiple and of lesser ones; an earlier window counts as the same episode. */
function isSuppressed(rule: Rule, multiple: number, { window }: WindowValue, claims: readonly Claim[]): boolean {
  return claims.some((claim) => claim.multiple >= multiple && window.to < claim.to + rule.suppressSeconds);
}

function newClaim(rule: Rule, pk: string, multiple: number, { value, window }: WindowValue, batch: Batch): Claim {
  const identity = JSON.stringify([rule.name, pk, multiple, window.to]);
  const id = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  const { token, arrival } = batch;
  return { rule: rule.name, multiple, id, value, ...window, token, arrival, sent: false };
}
