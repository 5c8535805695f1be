import { createHash } from 'node:crypto';
import type { Rule } from '../sigma/compiled.ts';
import type { LoadedRules } from '../sigma/load.ts';
import type { Batch } from './batch.ts';
import type { Claim, Counter } from './counter.ts';
import type { KeyDelta } from './delta-builder.ts';
import { touchedWindows, type WindowValue } from './window.ts';

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

/** A window over the threshold, and the largest multiple of it that it is over. */
interface DueWindow extends WindowValue {
  readonly multiple: number;
}

/**
 * The alerts that are due after a batch's updates of one counter, in the order in which they must be claimed and sent:
 * first what was promised before and never sent, then what is due of each rule whose series was added to.
 *
 * Due is a window that holds a slot of the delta and is over the threshold, or a multiple of it that the rule escalates
 * at, when no live alert of that multiple or more holds it back: none whose suppression the window ends within. Windows
 * over the threshold that end within the suppression of the first of them are one episode, and its fullest window is the
 * one to tell of. An earlier window than a live alert's belongs to that alert's episode.
 *
 * @param updates the batch's updates of the counter, in order; at least one
 */
export function judge(updates: readonly Counted[], batch: Batch, rules: LoadedRules): Finding[] {
  const findings: Finding[] = [];
  const last = updates.at(-1)!;
  const allRules = [...rules.rulesOf.values()].flat();
  const claims = new Map(last.counter.claims.map((claim) => [placeOf(claim), claim]));
  for (const claim of last.counter.claims) {
    const rule = allRules.find(({ name }) => name === claim.rule);
    if (claim.sent || !rule) continue;
    if (claim.token === batch.token) findings.push({ ...last, rule, claim, replaces: undefined, claimed: true });
    else if (claim.arrival + staleClaimSeconds < batch.arrival) {
      const taken = { ...claim, token: batch.token, arrival: batch.arrival };
      claims.set(placeOf(claim), taken);
      findings.push({ ...last, rule, claim: taken, replaces: claim, claimed: false });
    }
  }
  for (const update of updates) {
    for (const [series, additions] of Map.groupBy(update.delta.additions, (addition) => addition.series)) {
      const touched = additions.map((addition) => addition.slot);
      for (const rule of rules.rulesOf.get(series) ?? []) {
        const slots = update.counter.slots.get(series) ?? new Map();
        const { slotSeconds } = rules.series.get(series)!;
        const due = touchedWindows(slots, touched, rule.timespanSeconds, slotSeconds).flatMap((one) =>
          dueOf(rule, one),
        );
        for (let open = nextEpisode(due, rule, claims); open; open = nextEpisode(due, rule, claims)) {
          const claim = newClaim(rule, update.delta.key.pk, open, batch);
          const replaces = claims.get(placeOf(claim));
          claims.set(placeOf(claim), claim);
          findings.push({ ...update, rule, claim, replaces, claimed: false });
        }
      }
    }
  }
  return findings;
}

/** Where a claim is kept: there is one of a rule and multiple at a time. */
export function placeOf({ rule, multiple }: Pick<Claim, 'rule' | 'multiple'>): string {
  return `${rule} ${multiple}`;
}

function dueOf(rule: Rule, one: WindowValue): DueWindow[] {
  const isOver = (multiple: number) =>
    rule.comparison === 'gt' ? one.value > rule.threshold * multiple : one.value >= rule.threshold * multiple;
  const multiple = [1, ...(rule.threshold > 0 ? rule.escalate : [])].findLast(isOver);
  return multiple === undefined ? [] : [{ ...one, multiple }];
}

/** The fullest window of the first episode that no live alert holds back; with its alert among the claims, the next. */
function nextEpisode(due: readonly DueWindow[], rule: Rule, claims: ReadonlyMap<string, Claim>): DueWindow | undefined {
  const open = due.filter((one) => ![...claims.values()].some((claim) => holdsBack(claim, rule, one)));
  const episode = open.filter(({ window }) => window.to < open[0]!.window.to + rule.suppressSeconds);
  return episode.reduce<DueWindow | undefined>((best, one) => (best && best.value > one.value ? best : one), undefined);
}

function holdsBack(claim: Claim, rule: Rule, { multiple, window }: DueWindow): boolean {
  return claim.rule === rule.name && claim.multiple >= multiple && window.to < claim.to + rule.suppressSeconds;
}

function newClaim(rule: Rule, pk: string, { value, window, multiple }: DueWindow, batch: Batch): Claim {
  const identity = JSON.stringify([rule.name, pk, multiple, window.to]);
  const id = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  const { token, arrival } = batch;
  return { rule: rule.name, multiple, id, value, ...window, token, arrival, sent: false };
}
