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
  /** The update after which it was seen. */
  readonly update: Counted;
}

/**
 * The alerts that are due after a batch's updates of one counter, those of each rule in the order in which they must be
 * claimed and sent: first what was promised before and never sent, then what is due if its series was added to. A promise
 * of another batch that a new episode would replace is kept first.
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
  const claims = new Map(last.counter.claims.map((claim) => [placeOf(claim), claim]));
  const takeOver = (rule: Rule, claim: Claim) => {
    const taken = { ...claim, token: batch.token, arrival: batch.arrival };
    claims.set(placeOf(claim), taken);
    findings.push({ ...last, rule, claim: taken, replaces: claim, claimed: false });
  };
  for (const claim of last.counter.claims) {
    const rule = rules.rules.get(claim.rule);
    if (claim.sent || !rule || !groupsBy(rule, last.delta)) continue;
    if (claim.token === batch.token) findings.push({ ...last, rule, claim, replaces: undefined, claimed: true });
    else if (claim.arrival + staleClaimSeconds < batch.arrival) takeOver(rule, claim);
  }
  for (const [rule, due] of dueByRule(updates, rules)) {
    for (const { update, ...window } of episodes(due, rule, [...claims.values()])) {
      const claim = newClaim(rule, update.delta.key.pk, window, batch);
      const standing = claims.get(placeOf(claim));
      if (standing && !standing.sent && standing.token !== batch.token) takeOver(rule, standing);
      findings.push({ ...update, rule, claim, replaces: claims.get(placeOf(claim)), claimed: false });
      claims.set(placeOf(claim), claim);
    }
  }
  return findings;
}

/** Where a claim is kept: there is one of a rule and multiple at a time. */
function placeOf({ rule, multiple }: Pick<Claim, 'rule' | 'multiple'>): string {
  return `${rule} ${multiple}`;
}

/** The windows over each rule's threshold that hold what was added, in order of time. */
function dueByRule(updates: readonly Counted[], rules: LoadedRules): Map<Rule, DueWindow[]> {
  const due = new Map<Rule, DueWindow[]>();
  for (const update of updates) {
    for (const [series, additions] of Map.groupBy(update.delta.additions, (addition) => addition.series)) {
      const touched = additions.map((addition) => addition.slot);
      const slots = update.counter.slots.get(series) ?? new Map();
      for (const rule of rules.rulesOf.get(series) ?? []) {
        const windows = touchedWindows(slots, touched, rule.timespanSeconds, rules.series.get(series)!.slotSeconds);
        due.set(rule, [...(due.get(rule) ?? []), ...windows.flatMap((one) => dueOf(rule, one, update))]);
      }
    }
  }
  for (const windows of due.values()) windows.sort((a, b) => a.window.to - b.window.to);
  return due;
}

function dueOf(rule: Rule, one: WindowValue, update: Counted): DueWindow[] {
  const isOver = (multiple: number) =>
    rule.comparison === 'gt' ? one.value > rule.threshold * multiple : one.value >= rule.threshold * multiple;
  const multiple = [1, ...(rule.threshold > 0 ? rule.escalate : [])].findLast(isOver);
  return multiple === undefined ? [] : [{ ...one, multiple, update }];
}

/** Of more episodes in one batch, as of a flow log of days, only the last so many are told of. */
const maxEpisodes = 10;

/** The fullest window of each episode that neither a live alert nor the episode before holds back, in order of time. */
function episodes(due: readonly DueWindow[], rule: Rule, claims: readonly Claim[]): DueWindow[] {
  const found: DueWindow[] = [];
  let open = due.filter((one) => !claims.some((claim) => holdsBack(claim, rule, one)));
  while (open.length > 0) {
    const end = open[0]!.window.to + rule.suppressSeconds;
    const fullest = open
      .filter(({ window }) => window.to < end)
      .reduce((best, one) => (best.value > one.value ? best : one));
    found.push(fullest);
    open = open.filter(
      ({ window, multiple }) => window.to >= fullest.window.to + rule.suppressSeconds || multiple > fullest.multiple,
    );
  }
  return found.slice(-maxEpisodes);
}

/** Whether the rule, as it is now, groups by what the counter is kept for. */
function groupsBy({ groupBy }: Rule, { key }: KeyDelta): boolean {
  return groupBy.length === key.fields.size && groupBy.every((name) => key.fields.has(name));
}

/** Whether a live alert, which the claim is of, keeps a window from being told of. */
export function holdsBack(
  claim: Claim,
  rule: Rule,
  { multiple, window }: Pick<DueWindow, 'multiple' | 'window'>,
): boolean {
  return claim.rule === rule.name && claim.multiple >= multiple && window.to < claim.to + rule.suppressSeconds;
}

function newClaim(rule: Rule, pk: string, { value, window, multiple }: Omit<DueWindow, 'update'>, batch: Batch): Claim {
  const identity = JSON.stringify([rule.name, pk, multiple, window.to]);
  const id = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  const { token, arrival } = batch;
  return { rule: rule.name, multiple, id, value, ...window, token, arrival, sent: false };
}
