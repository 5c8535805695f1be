import { utc } from '../common/format-units.ts';
import { readQuantities, writeQuantities } from '../common/quantity.ts';
import { printable, subjectOf } from '../common/text.ts';
import type { Around } from '../context/around.ts';
import type { AlertUpdate, SentAlert } from '../context/sent-alert.ts';
import type { Level } from '../rules/level.ts';
import type { Alert } from './alert.ts';
import type { AlertBody, UpdateBody } from './alert-body.ts';
import { aroundBody, aroundLines } from './around-text.ts';
import { linesOf, maxLines, rowLines } from './mail.ts';
import { raiseEnrichment, relatedEvents } from './ocsf/related-events.ts';
import { severities } from './ocsf/severities.ts';
import { explainCommand } from './queries.ts';
import { whereText } from './where-text.ts';
import { whoText } from './who-text.ts';

/** The most lines of advice in an e-mail. */
const maxAdvice = 3;

/**
 * Writes the update of an alert: the alert's JSON body with what is new, as the same OCSF finding; and an e-mail in fewer than 40
 * lines.
 *
 * @param alert the alert with the update
 * @param around what is related to the alert now
 */
export function writeUpdate(alert: SentAlert, update: AlertUpdate, around: Omit<Around, 'scene'>): Alert {
  const before = JSON.parse(alert.body, readQuantities) as AlertBody;
  const { level } = update;
  const index = alert.updates.findIndex(({ id }) => id === update.id);
  const message = `UPDATE ${levelText(update.before, level)}: ${withoutLevel(before.message)}`;
  const notes = [...update.notes, ...around.notes.filter(({ id }) => !update.notes.some((note) => note.id === id))];
  const now = { ...around, notes, ...(alert.raise && { raise: alert.raise }) };
  const [severity_id, severity] = severities[level];
  const body: AlertBody = {
    ...before,
    id: update.id,
    message,
    level,
    severity_id,
    severity,
    activity_id: 2,
    activity_name: 'Update',
    type_uid: 200_402,
    type_name: 'Detection Finding: Update',
    time: update.time * 1000,
    metadata: { ...before.metadata, uid: update.id, logged_time: update.time * 1000 },
    finding_info: {
      ...before.finding_info,
      modified_time: update.time * 1000,
      related_events: relatedEvents(notes),
      related_events_count: notes.length,
    },
    around: aroundBody(now),
    ...(alert.raise && { enrichments: [raiseEnrichment(alert.raise)] }),
    update: { number: index + 1, alert: alert.id, history: historyOf(alert, before, index) },
  };
  const attributes = new Map(alert.attributes).set('level', level);
  return {
    id: update.id,
    subject: subjectOf(message),
    text: updateText(alert, update, body),
    body: JSON.stringify(body, writeQuantities),
    attributes,
  };
}

function levelText(before: Level, now: Level): string {
  return before === now ? now.toUpperCase() : `${before.toUpperCase()} to ${now.toUpperCase()}`;
}

/** Returns a headline without its level. */
function withoutLevel(message: string): string {
  return message.slice(message.indexOf(': ') + 2);
}

function historyOf(alert: SentAlert, before: AlertBody, last: number): UpdateBody['history'] {
  const updates = alert.updates.slice(0, last + 1).map(({ id, time, notes, level }) => ({
    ...{ time, id, level, text: notes[0]?.text ?? '' },
  }));
  return [{ time: alert.time, id: alert.id, level: before.level as Level, text: before.message }, ...updates];
}

function updateText(alert: SentAlert, { notes, time }: AlertUpdate, body: AlertBody): string {
  const { history } = body.update!;
  const facts = [
    body.message,
    '',
    `New since the alert of ${utc(alert.time)} UTC:`,
    ...notes.map(({ text }) => `- ${text}`),
    '',
    ...rowLines([
      ['Who', whoText(body.names, body.window, undefined)],
      ['Where', whereText(body.names, undefined)],
    ]),
    'History',
    ...history.slice(0, -1).map(({ time, text }) => `- ${utc(time)} UTC: ${printable(text)}`),
    `- ${utc(time)} UTC: this update, ${body.level.toUpperCase()}`,
  ];
  const advice = (body.remediation?.desc ?? '').split('\n').filter((line) => line !== '');
  const steps = [
    '',
    'What to do',
    ...advice.slice(0, maxAdvice).map((line) => `- ${printable(line)}`),
    `- What the rule looks for: ${explainCommand(alert.rule)}`,
    '',
    `Rule ${printable(alert.rule)}, update ${body.update!.number} of alert ${body.finding_info.uid}. The counts are those of the alert.`,
  ];
  const told = new Set(notes.map(({ id }) => id));
  const others = body.around!.notes.filter(({ id }) => !told.has(id));
  // With a raise, its reason is a line even if the notes above are all there is.
  const around =
    others.length > 0 || body.around!.raised
      ? aroundLines({ ...body.around!, notes: others }, maxLines - facts.length - steps.length)
      : [];
  return linesOf(...facts, ...around, ...steps);
}
