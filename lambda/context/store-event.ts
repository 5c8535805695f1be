import { FlowError } from '../common/errors.ts';
import { jsonOf } from '../common/json-value.ts';
import { type ContextEvent, type GuardDutyFinding, timeOfEvent } from './context-event.ts';
import { type ContextItem, type ContextTable, entryItem, stateKey } from './context-table.ts';
import { entitiesOfEvent, eventAt } from './entity.ts';
import { mergeFindings } from './merge-findings.ts';

/** How often a finding is merged again with what another process stored in between. */
const maxAttempts = 8;

/**
 * Stores an event by its entities. An event that is delivered again writes the same items. The states of a finding are merged,
 * in whatever order they come.
 *
 * @param expiresAt epoch seconds
 * @returns the event as stored
 * @throws FlowError `COUNT_FAILED` if other processes store the finding all the time; an error of the table
 */
export async function storeEvent<T extends ContextEvent>(
  event: T,
  table: ContextTable,
  expiresAt: number,
  signal: AbortSignal,
): Promise<T> {
  const stored = event.kind === 'finding' ? await mergeIntoState(event, table, expiresAt, signal) : event;
  const time = timeOfEvent(stored);
  const items = entitiesOfEvent(stored).map((entity) => entryItem(entity, eventAt(entity, stored), time, expiresAt));
  await table.put(items, signal);
  return stored as T;
}

async function mergeIntoState(
  finding: GuardDutyFinding,
  table: ContextTable,
  expiresAt: number,
  signal: AbortSignal,
): Promise<GuardDutyFinding> {
  const pk = `finding#${finding.account}#${finding.id}`;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const item = await table.get(pk, stateKey, signal);
    const before = item && (jsonOf(item.json) as GuardDutyFinding | undefined);
    const merged = before?.kind === 'finding' ? mergeFindings(before, finding) : finding;
    const next: ContextItem = {
      pk,
      sk: stateKey,
      json: JSON.stringify(merged),
      expiresAt,
      version: (item?.version ?? 0) + 1,
    };
    if (item?.json === next.json || (await table.putIf(next, item?.version, signal))) return merged;
  }
  throw new FlowError('COUNT_FAILED', `finding ${finding.id} is stored by other processes at the same time; try again`);
}
