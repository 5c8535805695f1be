import type { Level } from '../../lambda/rules/level.ts';
import type { ContextActors, Look } from './context-actors.ts';
import { findingId, stateOf } from './context-events.ts';
import type { PlannedEvent } from './context-schedule.ts';
import { levelOf, levels } from './oracle.ts';
import type { Scenario } from './scenario.ts';
import type { ContextTableState, Delivered, Told, World } from './world.ts';

/** The most updates of an alert, and the shortest time between two messages of it, in seconds. */
const maxUpdates = 3;
const apartSeconds = 900;

/** How long after the first look an event is looked at again at least, in seconds. */
const secondLookSeconds = 900;

/** The most alerts that one event may update. */
const maxAlertsOfEvent = 20;

/** The name of answers where alerts have that of a rule. */
const answerRule = 'guardduty_finding';

/** A state of a finding, as it must be stored. */
interface ExpectedFinding {
  readonly number: number;
  readonly count: number;
  readonly last: number;
  readonly severity: number;
  readonly remotes: ReadonlySet<string>;
}

/** An alert as the context table has it. */
interface StoredAlert {
  readonly id: string;
  readonly time: number;
  readonly scene: { readonly uid: string; readonly interfaces: readonly string[] };
  readonly told: readonly Told[];
  readonly updates: readonly {
    readonly id: string;
    readonly time: number;
    readonly notes: readonly Told[];
    readonly isSent: boolean;
  }[];
}

/** Checks what a run with context events left in the table, and which updates and answers it sent. */
export async function contextViolations(scenario: Scenario, world: World, actors: ContextActors): Promise<string[]> {
  if (!scenario.context) return [];
  const table = world.contextTable!();
  const messages = await world.delivered();
  const updates = messages.filter(({ update }) => update);
  const alerts = messages.filter(({ update, rule }) => !update && rule !== answerRule);
  const stored = storedAlerts(table);
  return [
    ...findingViolations(expectedFindings(scenario), table),
    ...updateViolations(updates, alerts, stored),
    ...toldViolations(stored, alerts),
    ...missingViolations(scenario, table, stored, actors.looks),
    ...secondLookViolations(scenario, actors.looks),
    ...doubledViolations(
      messages.filter(({ update, rule }) => update || rule === answerRule),
      actors,
    ),
    ...levelViolations(scenario, [...alerts, ...updates]),
  ];
}

/** Computes how each delivered finding is stored: as its newest delivered state, with the outside addresses of all. */
function expectedFindings({ context }: Scenario): ExpectedFinding[] {
  const { starts, findings } = context!;
  const delivered = starts.flatMap(({ event }) => ('finding' in event ? event : []));
  return [...Map.groupBy(delivered, ({ finding }) => finding)].map(([number, ofFinding]) => {
    const newest = Math.max(...ofFinding.map(({ state }) => state));
    const { count, last } = stateOf(newest);
    const remotes = new Set(ofFinding.map(({ state }) => stateOf(state).remote));
    return { number, count, last, severity: findings[number]!.severities[newest]!, remotes };
  });
}

function findingViolations(expected: readonly ExpectedFinding[], { items }: ContextTableState): string[] {
  const states = items.filter(({ pk }) => pk.startsWith('finding#'));
  const violations =
    states.length === expected.length ? [] : [`${states.length} findings are stored, expected ${expected.length}`];
  for (const { number, count, last, remotes } of expected) {
    const own = states.filter(({ pk }) => pk.endsWith(`#${findingId(number)}`));
    if (own.length !== 1) violations.push(`finding ${number} has ${own.length} states, expected one`);
    for (const { json } of own) {
      const found = JSON.parse(json);
      if (found.count !== count || found.last !== last)
        violations.push(
          `finding ${number} has count ${found.count} and last ${found.last}, expected ${count} and ${last}`,
        );
      const missing = remotes.symmetricDifference(new Set(found.remotes));
      if (missing.size > 0)
        violations.push(`finding ${number} has the outside addresses ${found.remotes}, expected ${[...remotes]}`);
    }
  }
  return violations;
}

function storedAlerts({ items }: ContextTableState): StoredAlert[] {
  return items.filter(({ pk }) => pk.startsWith('alert#')).map(({ json }) => JSON.parse(json));
}

/** Checks that updates are of alerts that were sent, of the same OCSF finding, few, and far apart. */
function updateViolations(
  updates: readonly Delivered[],
  alerts: readonly Delivered[],
  stored: readonly StoredAlert[],
): string[] {
  const violations: string[] = [];
  for (const [alertId, ofAlert] of Map.groupBy(updates, ({ update }) => update!.alert)) {
    const known = stored.find(({ id }) => id === alertId);
    const sent = alerts.filter(({ id, digest }) => id === alertId || digest?.keys.some((key) => key.id === alertId));
    if (!known || sent.length === 0) {
      violations.push(`an update of ${alertId} is of an alert that was not sent, or not stored`);
    }
    const uids = new Set(sent.flatMap(({ digest, finding_info: { uid } }) => (digest ? [] : uid)));
    if (uids.size > 0 && ofAlert.some(({ finding_info: { uid } }) => !uids.has(uid))) {
      violations.push(`an update of ${alertId} is of another OCSF finding`);
    }
    const distinct = [...Map.groupBy(ofAlert, ({ id }) => id).values()];
    if (distinct.length > maxUpdates) violations.push(`${alertId} has ${distinct.length} updates`);
    const times = [known?.time ?? 0, ...distinct.map((copies) => Math.max(...copies.map(({ time }) => time / 1000)))];
    for (const [index, copies] of distinct.entries()) {
      const first = Math.min(...copies.map(({ time }) => time / 1000));
      if (first - times[index]! < apartSeconds)
        violations.push(`an update of ${alertId} came ${first - times[index]!} s after the message before`);
      if (!known?.updates.some(({ id }) => id === copies[0]!.id))
        violations.push(`an update of ${alertId} is not stored`);
    }
  }
  for (const { id, scene, updates: all } of stored) {
    // A message that escalates replaces the one before in the table, whose promise nobody keeps then.
    const isOnly = stored.every((other) => other.id === id || other.scene.uid !== scene.uid);
    const unsent = all.filter((one) => !one.isSent || !updates.some((message) => message.id === one.id));
    if (isOnly && unsent.length > 0) violations.push(`${unsent.length} promised updates of ${id} were not sent`);
  }
  return violations;
}

/** Checks that no update tells what the alert or an update before told: a finding again only at a higher level. */
function toldViolations(stored: readonly StoredAlert[], alerts: readonly Delivered[]): string[] {
  return stored.flatMap(({ id, updates }) => {
    // An alert may be sent twice, with what was known each time: what the first message tells is enough.
    const inAlert = alerts.find((message) => message.id === id)?.around?.notes ?? [];
    const all = [...inAlert, ...updates.flatMap(({ notes }) => notes)];
    return all.flatMap((one, index) => {
      const before = all.slice(0, index).filter((other) => other.id === one.id);
      const isNew = before.every((other) => rank(other.level) < rank(one.level));
      return index < inAlert.length || isNew ? [] : [`${id} was told ${one.id} at level ${one.level} twice`];
    });
  });
}

function rank(level: Level | undefined): number {
  return level === undefined ? -1 : levels.indexOf(level);
}

/**
 * Checks that each alert which a finding found by its interface tells it. Of the messages of an episode, as of an alert
 * that escalates, the latest is updated.
 */
function missingViolations(
  scenario: Scenario,
  { foundFrom }: ContextTableState,
  stored: readonly StoredAlert[],
  looks: readonly Look[],
): string[] {
  // An event updates the most severe alerts only.
  if (foundFrom.size > maxAlertsOfEvent) return [];
  const { findings } = scenario.context!;
  return expectedFindings(scenario).flatMap(({ number, severity }) => {
    const level = severity >= 7 ? 'high' : 'medium';
    if (!findings[number]!.isOfHost || severity < 4) return [];
    const last = Math.max(...looks.filter(({ event }) => isOf(event, number)).map(({ began }) => began));
    // An alert without flows, as one that waited, may not know the interface.
    const ofInterface = stored.filter(({ scene }) => scene.interfaces.length > 0);
    return [...Map.groupBy(ofInterface, ({ scene }) => scene.uid)].flatMap(([uid, messages]) => {
      const isFound = messages.some(({ id }) => (foundFrom.get(id) ?? Number.POSITIVE_INFINITY) < last);
      const isTold = messages
        .flatMap(({ told }) => told)
        .some((one) => one.id === findingId(number) && rank(one.level) >= rank(level));
      const isFull = messages.some(({ updates }) => updates.length >= maxUpdates);
      return isFound && !isTold && !isFull ? [`alert ${uid} does not tell finding ${number}`] : [];
    });
  });
}

/** Checks that each finding is looked at again: an alert that read context before may be stored since. */
function secondLookViolations({ context }: Scenario, looks: readonly Look[]): string[] {
  return context!.findings.flatMap(({ severities }, number) => {
    if (severities.some((severity) => severity < 4)) return [];
    const own = looks.filter(({ event }) => isOf(event, number));
    const isMissing = own.some(({ age, seconds }) => age < secondLookSeconds && seconds === undefined);
    return isMissing ? [`finding ${number} was not looked at a second time`] : [];
  });
}

function isOf(event: PlannedEvent, number: number): boolean {
  return 'finding' in event && event.finding === number;
}

/**
 * Checks that an update or an answer was sent once, unless a fault explains it. The same news of two messages of an episode has
 * one id.
 */
function doubledViolations(messages: readonly Delivered[], { invocations, failed }: ContextActors): string[] {
  const explained = new Set<string>([
    ...invocations.flatMap(({ unanswered }) => [...unanswered]),
    ...failed.flatMap(({ published }) => [...published]),
  ]);
  return [...Map.groupBy(messages, ({ id, update }) => `${id} of ${update?.alert}`)].flatMap(([name, copies]) =>
    copies.length > 1 && !explained.has(copies[0]!.id)
      ? [`update or answer ${name} was sent ${copies.length} times, without a fault that explains it`]
      : [],
  );
}

/** Checks that a level is that of the rule, or one step up, and raised only by what was delivered and could be read. */
function levelViolations({ context }: Scenario, messages: readonly Delivered[]): string[] {
  const { findings, starts, refusals } = context!;
  const canRaise = starts.some(({ event }) =>
    'change' in event ? true : findings[event.finding]!.isIndependent && findings[event.finding]!.isOfHost,
  );
  const isNeverRead = refusals.from === 0 && refusals.calls >= 1e9;
  return messages.flatMap(({ id, rule, key, level, around, update, ended }) => {
    const steps = levels.indexOf(level) - levels.indexOf(levelOf(rule));
    // An alert that waited and names only a host inside has nothing to read by.
    const isUnread = isNeverRead && !update && !ended && key.dstaddr !== undefined;
    return [
      ...(steps < 0 || steps > 1 ? [`${id} of ${rule} has the level ${level}`] : []),
      ...(steps === 1 && !canRaise ? [`${id} of ${rule} was raised to ${level} by nothing`] : []),
      ...(isUnread && (around?.read || steps > 0) ? [`${id} does not say that context was not read`] : []),
    ];
  });
}
