import { formatInteger, utc } from '../common/format-units.ts';
import { printable, truncate } from '../common/text.ts';
import type { ContextEvent, GuardDutyFinding, NetworkChange } from '../context/context-event.ts';
import { occurrenceTime } from '../context/event-identity.ts';
import { callerText } from '../context/note-text.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { seriesOf } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';

/** An event in the JSON body of an alert. */
export interface EventBody {
  readonly source: 'guardduty' | 'cloudtrail';
  /** The id of the finding, or of the API call in CloudTrail. */
  readonly id: string;
  /** Epoch seconds. */
  readonly time: number;
  readonly text: string;
}

/** The most characters of an event's text, and of a part that anyone in the account writes. */
const maxLength = 300;
const maxPartLength = 100;

/** Returns the events of a batch that a rule counted. An event that several parts of the rule counted is one. */
export function eventsOf({ correlation }: Rule, { events }: Pick<KeyDelta, 'events'>): readonly ContextEvent[] {
  return events ? [...new Set(seriesOf(correlation).flatMap((id) => events.get(id) ?? []))] : [];
}

/** Returns the JSON of an event. */
export function eventBody(event: ContextEvent): EventBody {
  const source = event.kind === 'finding' ? 'guardduty' : 'cloudtrail';
  const text = event.kind === 'finding' ? findingText(event) : callText(event);
  const bounded = truncate(printable(text), maxLength);
  return { source, id: truncate(event.id, maxPartLength), time: occurrenceTime(event), text: bounded };
}

/** Writes a finding: `GuardDuty HIGH Trojan:EC2/DropPoint on i-0a1b, 10.0.3.30, 3 times: its title`. */
function findingText({ level, type, hosts, count, title }: GuardDutyFinding): string {
  const [host] = hosts;
  const names = [host?.instance ?? host?.interface, host?.addresses[0]].filter((name) => name !== undefined);
  const on = names.length === 0 ? '' : ` on ${names.map(part).join(', ')}`;
  const others = hosts.length > 1 ? ` and ${formatInteger(hosts.length - 1)} more` : '';
  const times = count > 1 ? `, ${formatInteger(count)} times` : '';
  return `GuardDuty ${level.toUpperCase()} ${part(type)}${on}${others}${times}: ${part(title)}`;
}

/** Writes an API call: `DeleteFlowLogs by admin/alice-role from 203.0.113.9: flow log fl-0aa deleted`. */
function callText(change: NetworkChange): string {
  return `${part(change.event)} ${callerText(change, part)}: ${part(change.text)}`;
}

function part(text: string): string {
  return truncate(printable(text), maxPartLength);
}

/** Returns the e-mail's text of an event with its time. */
export function eventLine({ time, text }: EventBody): string {
  return `${utc(time)} UTC: ${text}`;
}
