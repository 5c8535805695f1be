import type { AlertRecord } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { type Counter, partToken, tokenSlotSeconds, tokenSlots } from '../counters/counter.ts';
import type { Addition, KeyDelta } from '../counters/delta.ts';
import { packSlots } from '../counters/packed-slots.ts';
import type { CompactionPlan } from './compaction.ts';
import {
  type Attribute,
  alertAttribute,
  type Item,
  keyAttributes,
  packedAttribute,
  silenceAttribute,
  slotAttribute,
  tokenAttribute,
  versionAttribute,
  writeAlertRecord,
} from './counter-item.ts';
import { ExpressionBuilder, type Expressions } from './expression-builder.ts';

/** The parameters of an UpdateItem (DynamoDB API Reference), built without the SDK. */
export interface UpdateParameters extends Expressions {
  readonly TableName: string;
  readonly Key: Item;
  readonly ReturnValues?: 'ALL_NEW';
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** Where counters are kept, and for how many seconds after the last flow. */
export interface CounterTable {
  readonly tableName: string;
  readonly retentionSeconds: number;
}

/**
 * The one update that adds a delta to its counter, exactly once: it also adds the batch's token to the item, on the
 * condition that it is not there. In the same breath it keeps `firstSeen` the smallest and `lastSeen` the largest time.
 * DynamoDB has no minimum; so the update assumes what is usual, an older first and no newer last, makes this part of
 * its condition, and a second try that knows the item does what is needed. Both times only ever move one way, so the
 * tries end. A set that is full is guarded, and left out, in the same way.
 *
 * @param known the counter as it was when an earlier try failed its condition
 * @returns undefined when the item is known and there is nothing to add to it: every set of the delta is full
 */
export function countUpdate(
  delta: KeyDelta,
  batch: Batch,
  table: CounterTable,
  known?: Counter,
): UpdateParameters | undefined {
  const { key, totals, firstSeen, lastSeen } = delta;
  const additions = delta.additions.flatMap((addition) => withinCap(addition, known));
  if (known && !totals && additions.length === 0) return undefined;
  const expression = new ExpressionBuilder();
  const { name, value, set, add, require } = expression;

  for (const [attribute, content] of Object.entries(keyAttributes(key))) set(`${name(attribute)} = ${value(content)}`);

  if (!known || known.firstSeen > firstSeen) {
    const [first, firstValue] = [name('firstSeen'), value(number(firstSeen))];
    set(`${first} = ${known ? firstValue : `if_not_exists(${first}, ${firstValue})`}`);
    require(known ? `${first} > ${firstValue}` : `(attribute_not_exists(${first}) OR ${first} <= ${firstValue})`);
  }

  if (!known || known.lastSeen < lastSeen) {
    const [last, lastValue] = [name('lastSeen'), value(number(lastSeen))];
    set(`${last} = ${lastValue}`);
    require(`(attribute_not_exists(${last}) OR ${last} <= ${lastValue})`);
    set(`${name('expiresAt')} = ${value(number(Math.max(lastSeen, batch.arrival) + table.retentionSeconds))}`);
  }

  if (totals) {
    add(`${name('bytes')} ${value({ N: String(totals.bytes) })}`);
    add(`${name('rejects')} ${value(number(totals.rejects))}`);
  }
  for (const addition of additions) {
    const slot = name(slotAttribute(addition.series, addition.slot));
    if ('amount' in addition) add(`${slot} ${value({ N: String(addition.amount) })}`);
    else {
      const { values, cap } = addition;
      add(`${slot} ${value({ SS: [...values] })}`);
      require(`(attribute_not_exists(${slot}) OR size(${slot}) <= ${value(number(cap - values.length))})`);
    }
  }

  const token = partToken(batch.dedupToken, delta.part);
  add(`${name(tokenAttribute(Math.floor(batch.arrival / tokenSlotSeconds)))} ${value({ SS: [token] })}`);
  const tokenValue = value({ S: token });
  for (const slot of tokenSlots(batch.arrival)) require(`NOT contains(${name(tokenAttribute(slot))}, ${tokenValue})`);

  return {
    TableName: table.tableName,
    Key: { pk: { S: key.pk } },
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/**
 * The update that takes over the promise to publish an alert.
 *
 * @param replaces the claim that stands there, as far as known; the update fails when another does, when it was put off
 * or taken up again since, and, where it is the same alert, when it was published since
 * @param observed until when the alert's window has been seen: where it is another one than that which stands there, the
 * update fails when a silence holds it back
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
    require(`(attribute_not_exists(${until}) OR ${until} < ${value(number(observed))})`);
  }
  return {
    TableName: tableName,
    Key: { pk: { S: pk } },
    ...expression.parameters(),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** The update that marks a claimed alert as published. */
export function markSentUpdate(pk: string, record: AlertRecord, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const attribute = name(alertAttribute(record));
  set(`${attribute}.${name('sent')} = ${value({ BOOL: true })}`);
  require(`${attribute}.${name('id')} = ${value({ S: record.id })}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** The update that counts a batch in which an alert held back another one. */
export function suppressionUpdate(pk: string, record: AlertRecord, token: string, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const attribute = name(alertAttribute(record));
  const [held, heldBy, by] = [
    `${attribute}.${name('suppressed')}`,
    `${attribute}.${name('suppressedIn')}`,
    value({ S: token }),
  ];
  set(`${held} = ${held} + ${value(number(1))}`);
  set(`${heldBy} = ${by}`);
  require(`${attribute}.${name('id')} = ${value({ S: record.id })}`);
  require(`${heldBy} <> ${by}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** The update that keeps an item until a silence on it ends. */
export function extendExpiryUpdate(pk: string, until: number, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const [expiresAt, end] = [expression.name('expiresAt'), expression.value(number(until))];
  expression.set(`${expiresAt} = ${end}`);
  expression.require(`${expiresAt} < ${end}`);
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/**
 * The update that removes what is stale, and packs what is closed. It fails when a slot that it packs has changed since, or
 * when slots were packed anew.
 */
export function compactionUpdate(
  pk: string,
  { slots, tokens, finishedTokens, packing }: CompactionPlan,
  tableName: string,
): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  require(`attribute_exists(${name('pk')})`);
  for (const { series, slot } of slots) expression.remove(name(slotAttribute(series, slot)));
  for (const slot of tokens) expression.remove(name(tokenAttribute(slot)));
  for (const [slot, gone] of finishedTokens)
    expression.delete(`${name(tokenAttribute(slot))} ${value({ SS: [...gone] })}`);
  if (packing) {
    for (const { series, slot, amount } of packing.moved) {
      const attribute = name(slotAttribute(series, slot));
      expression.remove(attribute);
      require(`${attribute} = ${value({ N: String(amount) })}`);
    }
    const version = name(versionAttribute);
    set(`${name(packedAttribute)} = ${value({ B: packSlots(packing.amounts) })}`);
    set(`${version} = ${value(number(packing.version + 1))}`);
    require(
      packing.version === 0 ? `attribute_not_exists(${version})` : `${version} = ${value(number(packing.version))}`,
    );
  }
  return { TableName: tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
}

/** What of an addition there is room for: all of an amount, and of a set's values those that are new, up to its cap. */
function withinCap(addition: Addition, known: Counter | undefined): Addition[] {
  if ('amount' in addition) return [addition];
  const slot = known?.slots.get(addition.series)?.get(addition.slot);
  if (typeof slot !== 'object') return [addition];
  const values = addition.values.filter((one) => !slot.has(one)).slice(0, Math.max(0, addition.cap - slot.size));
  return values.length > 0 ? [{ ...addition, values }] : [];
}

function number(value: number): Attribute {
  return { N: String(value) };
}
