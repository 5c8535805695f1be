import type { AlertRecord } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { type Counter, partToken, tokenSlotSeconds, tokenSlots } from '../counters/counter.ts';
import type { Addition, KeyDelta } from '../counters/delta.ts';
import { packSlots } from '../counters/packed-slots.ts';
import type { CompactionPlan } from './compaction-plan.ts';
import {
  alertAttribute,
  type Item,
  keyAttributes,
  numberAttribute,
  packedAttribute,
  silenceAttribute,
  slotAttribute,
  tokenAttribute,
  versionAttribute,
  writeAlertRecord,
} from './counter-item.ts';
import { ExpressionBuilder, type Expressions } from './expression-builder.ts';

/** The parameters of an UpdateItem (DynamoDB API Reference), without the SDK's types. */
export interface UpdateParameters extends Expressions {
  readonly TableName: string;
  readonly Key: Item;
  readonly ReturnValues?: 'ALL_NEW';
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** The counter table, and the seconds that it retains a counter after the last flow. */
export interface CounterTable {
  readonly tableName: string;
  readonly retentionSeconds: number;
}

/**
 * Builds the update that adds a delta to its counter exactly once: it adds the batch's dedup token to the item on the
 * condition that the token is absent. If a condition fails, DynamoDB returns the item, and the next attempt is built from
 * it. Each condition, once decided, stays decided, so the attempts end. See docs/decisions/0001-one-update-counts-once.md.
 *
 * @param known the counter that the failure of an earlier attempt returned
 * @returns undefined if there is nothing to add to a known item: every set of the delta is full
 */
export function countUpdate(
  delta: KeyDelta,
  batch: Batch,
  table: CounterTable,
  known?: Counter,
): UpdateParameters | undefined {
  const additions = delta.additions.flatMap((addition) => withinCap(addition, known));
  if (known && !delta.totals && additions.length === 0) return undefined;
  const expression = new ExpressionBuilder();
  assignKey(expression, delta);
  lowerFirstSeen(expression, delta, known);
  raiseLastSeen(expression, delta, known, batch, table.retentionSeconds);
  addTotals(expression, delta);
  for (const addition of additions) addToSlot(expression, addition);
  addDedupToken(expression, partToken(batch.dedupToken, delta.part), batch.arrival);
  return {
    TableName: table.tableName,
    Key: { pk: { S: delta.key.pk } },
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

function assignKey({ set, name, value }: ExpressionBuilder, { key }: KeyDelta): void {
  for (const [attribute, content] of Object.entries(keyAttributes(key))) set(`${name(attribute)} = ${value(content)}`);
}

/**
 * Lowers `firstSeen`. UpdateItem has no minimum, so the first attempt conditions on the common case, in which the stored
 * time is older; the attempt after a failure knows the item and conditions on the opposite.
 */
function lowerFirstSeen(
  { set, name, value, require }: ExpressionBuilder,
  { firstSeen }: KeyDelta,
  known: Counter | undefined,
): void {
  if (known && known.firstSeen <= firstSeen) return;
  const [first, firstValue] = [name('firstSeen'), value(numberAttribute(firstSeen))];
  set(`${first} = ${known ? firstValue : `if_not_exists(${first}, ${firstValue})`}`);
  require(known ? `${first} > ${firstValue}` : `(attribute_not_exists(${first}) OR ${first} <= ${firstValue})`);
}

/** Raises `lastSeen`, and the expiry with it, on the condition that the stored time is not newer. */
function raiseLastSeen(
  { set, name, value, require }: ExpressionBuilder,
  { lastSeen }: KeyDelta,
  known: Counter | undefined,
  batch: Batch,
  retentionSeconds: number,
): void {
  if (known && known.lastSeen >= lastSeen) return;
  const [last, lastValue] = [name('lastSeen'), value(numberAttribute(lastSeen))];
  set(`${last} = ${lastValue}`);
  require(`(attribute_not_exists(${last}) OR ${last} <= ${lastValue})`);
  const expiresAt = Math.max(lastSeen, batch.arrival) + retentionSeconds;
  set(`${name('expiresAt')} = ${value(numberAttribute(expiresAt))}`);
}

function addTotals({ add, name, value }: ExpressionBuilder, { totals }: KeyDelta): void {
  if (!totals) return;
  add(`${name('bytes')} ${value(numberAttribute(totals.bytes))}`);
  add(`${name('rejects')} ${value(numberAttribute(totals.rejects))}`);
}

/** Adds an amount, or the values of a set on the condition that they fit below its cap. */
function addToSlot({ add, name, value, require }: ExpressionBuilder, addition: Addition): void {
  const slot = name(slotAttribute(addition.series, addition.slot));
  if ('amount' in addition) {
    add(`${slot} ${value(numberAttribute(addition.amount))}`);
    return;
  }
  const { values, cap } = addition;
  add(`${slot} ${value({ SS: [...values] })}`);
  require(`(attribute_not_exists(${slot}) OR size(${slot}) <= ${value(numberAttribute(cap - values.length))})`);
}

/** Adds the token to its arrival slot, on the condition that none of the possible arrival slots holds the token. */
function addDedupToken({ add, name, value, require }: ExpressionBuilder, token: string, arrival: number): void {
  add(`${name(tokenAttribute(Math.floor(arrival / tokenSlotSeconds)))} ${value({ SS: [token] })}`);
  const tokenValue = value({ S: token });
  for (const slot of tokenSlots(arrival)) require(`NOT contains(${name(tokenAttribute(slot))}, ${tokenValue})`);
}

/**
 * Builds the update that claims an alert record.
 *
 * @param replaces the stored record, if known. The update fails if another record is stored, or if this one was deferred or
 * claimed again since. For the same alert it also fails if this one was published since.
 * @param observed the end of the observed part of the alert's window, in epoch seconds: the update of a new alert fails if
 * a silence covers it
 */
export function claimUpdate(
  pk: string,
  record: AlertRecord,
  replaces: AlertRecord | undefined,
  observed: number,
  tableName: string,
): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const attribute = name(alertAttribute(record));
  set(`${attribute} = ${value(writeAlertRecord(record))}`);
  if (replaces) {
    require(`${attribute}.${name('id')} = ${value({ S: replaces.id })}`);
    require(`${attribute}.${name('token')} = ${value({ S: replaces.token })}`);
    require(`${attribute}.${name('deferred')} = ${value({ BOOL: replaces.deferred })}`);
    if (replaces.id === record.id) require(`${attribute}.${name('sent')} = ${value({ BOOL: replaces.sent })}`);
  } else require(`attribute_exists(${name('pk')}) AND attribute_not_exists(${attribute})`);
  if (replaces?.id !== record.id) {
    const until = `${name(silenceAttribute(record.rule))}.${name('until')}`;
    require(`(attribute_not_exists(${until}) OR ${until} < ${value(numberAttribute(observed))})`);
  }
  return {
    TableName: tableName,
    Key: { pk: { S: pk } },
    ...expression.parameters(),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** Builds the update that marks an alert record as sent. */
export function markSentUpdate(pk: string, record: AlertRecord, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const attribute = name(alertAttribute(record));
  set(`${attribute}.${name('sent')} = ${value({ BOOL: true })}`);
  require(`${attribute}.${name('id')} = ${value({ S: record.id })}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** Builds the update that counts a batch in which an alert suppressed another one. */
export function suppressionUpdate(pk: string, record: AlertRecord, token: string, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const attribute = name(alertAttribute(record));
  const count = `${attribute}.${name('suppressed')}`;
  const lastBatch = `${attribute}.${name('suppressedIn')}`;
  const batch = value({ S: token });
  set(`${count} = ${count} + ${value(numberAttribute(1))}`);
  set(`${lastBatch} = ${batch}`);
  require(`${attribute}.${name('id')} = ${value({ S: record.id })}`);
  require(`${lastBatch} <> ${batch}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** Builds the update that retains an item until a silence ends. @param until epoch seconds */
export function extendExpiryUpdate(pk: string, until: number, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const [expiresAt, end] = [expression.name('expiresAt'), expression.value(numberAttribute(until))];
  expression.set(`${expiresAt} = ${end}`);
  expression.require(`${expiresAt} < ${end}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/**
 * Builds the update of a compaction. It fails if a slot to pack has changed since, or if another compaction has packed
 * slots.
 */
export function compactionUpdate(
  pk: string,
  { slots, finishedTokens, packing }: CompactionPlan,
  tableName: string,
): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  require(`attribute_exists(${name('pk')})`);
  for (const { series, slot } of slots) expression.remove(name(slotAttribute(series, slot)));
  for (const [slot, removed] of finishedTokens)
    expression.delete(`${name(tokenAttribute(slot))} ${value({ SS: [...removed] })}`);
  if (packing) {
    for (const { series, slot, amount } of packing.moved) {
      const attribute = name(slotAttribute(series, slot));
      expression.remove(attribute);
      require(`${attribute} = ${value(numberAttribute(amount))}`);
    }
    const version = name(versionAttribute);
    set(`${name(packedAttribute)} = ${value({ B: packSlots(packing.amounts) })}`);
    set(`${version} = ${value(numberAttribute(packing.version + 1))}`);
    require(
      packing.version === 0
        ? `attribute_not_exists(${version})`
        : `${version} = ${value(numberAttribute(packing.version))}`,
    );
  }
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** Returns the part of an addition that fits: an amount, or the new values of a set up to its cap. */
function withinCap(addition: Addition, known: Counter | undefined): Addition[] {
  if ('amount' in addition) return [addition];
  const slot = known?.slots.get(addition.series)?.get(addition.slot);
  if (typeof slot !== 'object') return [addition];
  const values = addition.values
    .filter((element) => !slot.has(element))
    .slice(0, Math.max(0, addition.cap - slot.size));
  return values.length > 0 ? [{ ...addition, values }] : [];
}
