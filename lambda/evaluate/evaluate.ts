import type { Quantity } from '../common/quantity.ts';
import type { Batch } from '../counters/batch.ts';
import { alertId, type Claim, holdsBack, latestFirst, staleClaimSeconds } from '../counters/claim.ts';
import { groupsBy } from '../counters/counter-key.ts';
import type { Counted } from '../counters/delta.ts';
import { seenUntil, silences } from '../counters/silence.ts';
import { touchedWindows, type Window, windowOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf, isExperimental, looksBack } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { candidateIndex } from './candidate-rules.ts';
import type { Finding, FollowUp, HeldBack, Judgement } from './finding.ts';
import { isSilent, verdictOf } from './window-value.ts';

/** A window over the threshold, and the largest multiple of it that it is over. */
interface DueWindow {
  readonly window: Window;
  readonly value: Quantity;
  readonly isBound: boolean;
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
 * one to tell of. An earlier window than a live alert's belongs to that alert's episode. A silence of the rule holds back
 * whatever was seen until its end.
 *
 * @param updates the batch's updates of the counter, in order; at least one
 * @param observedSince when the first flow of all was seen, in epoch seconds: what rules learn from begins then
 */
export function judge(
  updates: readonly Counted[],
  batch: Batch,
  rules: LoadedRules,
  observedSince: number = Number.NEGATIVE_INFINITY,
): Judgement {
  const last = updates.at(-1)!;
  const dueOf = dueByRule(updates, rules, observedSince);
  if (dueOf.size === 0 && last.counter.claims.length === 0) return nothing;
  const findings: Finding[] = [];
  const heldBack: HeldBack[] = [];
  const awaited: FollowUp[] = [];
  const { pk } = last.delta.key;
  const claims = new Map(last.counter.claims.map((claim) => [placeOf(claim), claim]));
  const takeOver = (rule: Rule, claim: Claim) => {
    const taken = { ...claim, token: batch.token, arrival: batch.arrival };
    claims.set(placeOf(claim), taken);
    findings.push({ ...last, rule, claim: taken, replaces: claim, claimed: false });
  };
  for (const claim of last.counter.claims) {
    const rule = rules.rules.get(claim.rule);
    if (claim.sent || !rule || !groupsBy(rule, last.delta.key)) continue;
    if (claim.token === batch.token) findings.push({ ...last, rule, claim, replaces: claim, claimed: true });
    else if (claim.arrival + staleClaimSeconds < batch.arrival) takeOver(rule, claim);
  }
  for (const [rule, all] of dueOf) {
    const standing = [...claims.values()];
    const silence = last.counter.silences.get(rule.name);
    const due = all.filter(({ window, update }) => !silences(silence, seenUntil(window, update.counter)));
    const isSilenced = due.length < all.length;
    const holding = standing.filter((claim) =>
      isSilenced ? claim.rule === rule.name : due.some((one) => holdsBack(claim, rule, one)),
    );
    const latest = latestFirst(holding)[0];
    if (latest && latest.token !== batch.token) heldBack.push({ pk, claim: latest });
    for (const { sent, token } of holding) {
      if (!sent && token !== batch.token) awaited.push({ rule: rule.name, key: last.delta.key, token });
    }
    for (const { update, ...window } of episodes(due, rule, standing)) {
      const claim = newClaim(rule, pk, window, latestFirst(standing.filter((one) => one.rule === rule.name))[0], batch);
      const inItsPlace = claims.get(placeOf(claim));
      if (inItsPlace && !inItsPlace.sent && inItsPlace.token !== batch.token) takeOver(rule, inItsPlace);
      findings.push({ ...update, rule, claim, replaces: claims.get(placeOf(claim)), claimed: false });
      claims.set(placeOf(claim), claim);
    }
  }
  return { findings, heldBack, awaited };
}

/** Joins what the counters of a batch come to. */
export function combined(all: readonly Judgement[]): Judgement {
  return {
    findings: all.flatMap(({ findings }) => findings),
    heldBack: all.flatMap(({ heldBack }) => heldBack),
    awaited: all.flatMap(({ awaited }) => awaited),
  };
}

/** What most counters come to. */
const nothing: Judgement = { findings: [], heldBack: [], awaited: [] };

/** Where a claim is kept: there is one of a rule and multiple at a time. */
function placeOf({ rule, multiple }: Pick<Claim, 'rule' | 'multiple'>): string {
  return `${rule} ${multiple}`;
}

/**
 * The windows over each rule's threshold that depend on what was added, in order of time. One that a later update of the
 * batch adds to is judged after that: between two updates a sum may be there without its count.
 */
function dueByRule(
  updates: readonly Counted[],
  rules: LoadedRules,
  observedSince: number,
): Map<Rule, readonly DueWindow[]> {
  const due = new Map<Rule, readonly DueWindow[]>();
  const firstLater = new Map<string, number>();
  for (const update of updates.toReversed()) {
    const { additions } = update.delta;
    const inReach = candidateIndex(rules).inReach(additions, update.counter);
    for (const rule of inReach) {
      const ids = allSeriesOf(rule);
      const touched = additions.flatMap(({ series, slot }) => (ids.includes(series) ? slot : []));
      const before = Math.min(...ids.map((id) => firstLater.get(id) ?? Number.POSITIVE_INFINITY));
      const windows = dueWindows(rule, update, touched, rules, observedSince, before);
      if (windows.length > 0) due.set(rule, [...(due.get(rule) ?? []), ...windows]);
    }
    if (update === updates[0]) break;
    const added = Map.groupBy(additions, ({ series }) => series);
    for (const [id, all] of added) firstLater.set(id, Math.min(...all.map(({ slot }) => slot)));
  }
  if (due.size === 0) return due;
  return new Map([...due].map(([rule, windows]) => [rule, windows.toSorted((a, b) => a.window.to - b.window.to)]));
}

/** @param before only windows that end before this slot are judged */
function dueWindows(
  rule: Rule,
  update: Counted,
  touched: readonly number[],
  { series }: LoadedRules,
  observedSince: number,
  before: number,
): DueWindow[] {
  const ids = allSeriesOf(rule);
  const { slots, firstSeen } = update.counter;
  const { slotSeconds } = series.get(ids[0]!)!;
  const filled = ids.flatMap((id) => [...(slots.get(id)?.keys() ?? [])]);
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const windows = touchedWindows(filled, touched, length, looksBack(rule) ? 2 * length - 1 : length);
  return windows.flatMap((range) => {
    if (range.last >= before || !isSilent(rule, range, { slots, series })) return [];
    const { value, isBound, multiple } = verdictOf(rule, range, { slots, series });
    const window = windowOf(range, slotSeconds);
    if (multiple === undefined || !isNew(rule, firstSeen, window, observedSince)) return [];
    return [{ window, value, isBound, multiple, update }];
  });
}

/** Whether the key is as new as the rule asks for, and could have been seen before. */
function isNew({ extension }: Rule, firstSeen: number, window: Window, observedSince: number): boolean {
  if (!extension.firstSeen) return true;
  const { withinSeconds, learningSeconds } = extension.firstSeen;
  return firstSeen >= window.to - withinSeconds && firstSeen >= observedSince + learningSeconds;
}

/** Of more episodes in one batch, as of a flow log of days, only the last so many are told of. */
const maxEpisodes = 10;

/** The fullest window of each episode that neither a live alert nor the episode before holds back, in order of time. */
function episodes(due: readonly DueWindow[], rule: Rule, claims: readonly Claim[]): DueWindow[] {
  const found: DueWindow[] = [];
  const open = due.filter((one) => !claims.some((claim) => holdsBack(claim, rule, one)));
  // In order of time, so that an episode takes a look at its own windows only: a flow log of weeks holds thousands.
  const endingBefore = (seconds: number) => {
    const next = open.findIndex(({ window }) => window.to >= seconds);
    return open.slice(0, next < 0 ? open.length : next);
  };
  while (open.length > 0) {
    const episode = endingBefore(open[0]!.window.to + rule.suppressSeconds);
    const fullest = episode.reduce((best, one) => (best.value > one.value ? best : one));
    found.push(fullest);
    const heldBack = endingBefore(fullest.window.to + rule.suppressSeconds);
    open.splice(0, heldBack.length, ...heldBack.filter(({ multiple }) => multiple > fullest.multiple));
  }
  return found.slice(-maxEpisodes);
}

/** No alert holds others back for longer, however often it came. */
const maxSuppressSeconds = 30 * 86_400;

/** @param before the latest alert of the rule and key, if any */
function newClaim(
  rule: Rule,
  pk: string,
  { value, isBound, window, multiple }: Omit<DueWindow, 'update'>,
  before: Claim | undefined,
  batch: Batch,
): Claim {
  const { token, arrival } = batch;
  // One that comes before the time it was held back for is over twice goes on where the alert before it stopped. One that
  // comes while it is held back says that it has got worse, and is no further one.
  const age = before === undefined ? Number.POSITIVE_INFINITY : (window.to - before.to) / before.suppressSeconds;
  const grown = age >= 2 ? rule.suppressSeconds : before!.suppressSeconds * (age >= 1 ? rule.backoff : 1);
  return {
    rule: rule.name,
    multiple,
    id: alertId(rule.name, pk, multiple, window.to),
    value,
    isBound,
    ...window,
    token,
    arrival,
    sent: false,
    deferred: false,
    quiet: isExperimental(rule),
    suppressSeconds: Math.max(rule.suppressSeconds, Math.min(Math.round(grown), maxSuppressSeconds)),
    held: 0,
    heldBefore: before?.held ?? 0,
    heldBy: '',
  };
}
