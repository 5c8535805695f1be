import type { Quantity } from '../common/quantity.ts';
import { type AlertRecord, abandonedAfterSeconds, alertId, latestFirst, suppresses } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { groupsBy } from '../counters/counter-key.ts';
import type { CountedDelta } from '../counters/delta.ts';
import { isSilenced, observedUntil } from '../counters/silence.ts';
import { touchedWindows, type Window, windowOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf, isExperimental, looksBack } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { candidateIndex } from './candidate-rules.ts';
import type { Evaluation, Finding, ReEvaluation, Suppression } from './finding.ts';
import { evaluateWindow, isSilent } from './window-value.ts';

/** A window over the threshold, and the largest multiple of it that it is over. */
interface DueWindow {
  readonly window: Window;
  readonly value: Quantity;
  readonly isBound: boolean;
  readonly multiple: number;
  /** The update after which it was seen. */
  readonly update: CountedDelta;
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
export function evaluate(
  updates: readonly CountedDelta[],
  batch: Batch,
  rules: LoadedRules,
  observedSince: number = Number.NEGATIVE_INFINITY,
): Evaluation {
  const last = updates.at(-1)!;
  const dueOf = dueByRule(updates, rules, observedSince);
  if (dueOf.size === 0 && last.counter.alertRecords.length === 0) return nothing;
  const findings: Finding[] = [];
  const heldBack: Suppression[] = [];
  const awaited: ReEvaluation[] = [];
  const { pk } = last.delta.key;
  const claims = new Map(last.counter.alertRecords.map((claim) => [recordSlot(claim), claim]));
  const takeOver = (rule: Rule, claim: AlertRecord) => {
    const taken = { ...claim, token: batch.dedupToken, arrival: batch.arrival };
    claims.set(recordSlot(claim), taken);
    findings.push({ ...last, rule, record: taken, replaces: claim, isClaimed: false });
  };
  for (const claim of last.counter.alertRecords) {
    const rule = rules.rules.get(claim.rule);
    if (claim.sent || !rule || !groupsBy(rule, last.delta.key)) continue;
    if (claim.token === batch.dedupToken)
      findings.push({ ...last, rule, record: claim, replaces: claim, isClaimed: true });
    else if (claim.arrival + abandonedAfterSeconds < batch.arrival) takeOver(rule, claim);
  }
  for (const [rule, all] of dueOf) {
    const standing = [...claims.values()];
    const silence = last.counter.silences.get(rule.name);
    const due = all.filter(({ window, update }) => !isSilenced(silence, observedUntil(window, update.counter)));
    const hasSilenced = due.length < all.length;
    const holding = standing.filter((claim) =>
      hasSilenced ? claim.rule === rule.name : due.some((one) => suppresses(claim, rule, one)),
    );
    const latest = latestFirst(holding)[0];
    if (latest && latest.token !== batch.dedupToken) heldBack.push({ pk, record: latest });
    for (const { sent, token } of holding) {
      if (!sent && token !== batch.dedupToken) awaited.push({ rule: rule.name, key: last.delta.key, token });
    }
    for (const { update, ...window } of episodes(due, rule, standing)) {
      const claim = newAlertRecord(
        rule,
        pk,
        window,
        latestFirst(standing.filter((one) => one.rule === rule.name))[0],
        batch,
      );
      const inItsPlace = claims.get(recordSlot(claim));
      if (inItsPlace && !inItsPlace.sent && inItsPlace.token !== batch.dedupToken) takeOver(rule, inItsPlace);
      findings.push({ ...update, rule, record: claim, replaces: claims.get(recordSlot(claim)), isClaimed: false });
      claims.set(recordSlot(claim), claim);
    }
  }
  return { findings, suppressions: heldBack, pendingElsewhere: awaited };
}

/** Joins what the counters of a batch come to. */
export function mergeEvaluations(all: readonly Evaluation[]): Evaluation {
  return {
    findings: all.flatMap(({ findings }) => findings),
    suppressions: all.flatMap(({ suppressions }) => suppressions),
    pendingElsewhere: all.flatMap(({ pendingElsewhere }) => pendingElsewhere),
  };
}

/** What most counters come to. */
const nothing: Evaluation = { findings: [], suppressions: [], pendingElsewhere: [] };

/** Where a claim is kept: there is one of a rule and multiple at a time. */
function recordSlot({ rule, multiple }: Pick<AlertRecord, 'rule' | 'multiple'>): string {
  return `${rule} ${multiple}`;
}

/**
 * The windows over each rule's threshold that depend on what was added, in order of time. One that a later update of the
 * batch adds to is judged after that: between two updates a sum may be there without its count.
 */
function dueByRule(
  updates: readonly CountedDelta[],
  rules: LoadedRules,
  observedSince: number,
): Map<Rule, readonly DueWindow[]> {
  const due = new Map<Rule, readonly DueWindow[]>();
  const firstLater = new Map<string, number>();
  for (const update of updates.toReversed()) {
    const { additions } = update.delta;
    const inReach = candidateIndex(rules).candidates(additions, update.counter);
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
  update: CountedDelta,
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
    const { value, isLowerBound, multiple } = evaluateWindow(rule, range, { slots, series });
    const window = windowOf(range, slotSeconds);
    if (multiple === undefined || !isNew(rule, firstSeen, window, observedSince)) return [];
    return [{ window, value, isBound: isLowerBound, multiple, update }];
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
function episodes(due: readonly DueWindow[], rule: Rule, claims: readonly AlertRecord[]): DueWindow[] {
  const found: DueWindow[] = [];
  const open = due.filter((one) => !claims.some((claim) => suppresses(claim, rule, one)));
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
function newAlertRecord(
  rule: Rule,
  pk: string,
  { value, isBound, window, multiple }: Omit<DueWindow, 'update'>,
  before: AlertRecord | undefined,
  batch: Batch,
): AlertRecord {
  const { dedupToken, arrival } = batch;
  // One that comes before the time it was held back for is over twice goes on where the alert before it stopped. One that
  // comes while it is held back says that it has got worse, and is no further one.
  const age = before === undefined ? Number.POSITIVE_INFINITY : (window.to - before.to) / before.suppressSeconds;
  const grown = age >= 2 ? rule.suppressSeconds : before!.suppressSeconds * (age >= 1 ? rule.backoff : 1);
  return {
    rule: rule.name,
    multiple,
    id: alertId(rule.name, pk, multiple, window.to),
    value,
    isLowerBound: isBound,
    ...window,
    token: dedupToken,
    arrival,
    sent: false,
    deferred: false,
    logOnly: isExperimental(rule),
    suppressSeconds: Math.max(rule.suppressSeconds, Math.min(Math.round(grown), maxSuppressSeconds)),
    suppressedCount: 0,
    previousSuppressedCount: before?.suppressedCount ?? 0,
    lastSuppressedBatch: '',
  };
}
