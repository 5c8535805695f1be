import { addQuantity, parseQuantity, type Quantity } from '../common/quantity.ts';
import type { AlertRecord } from '../counters/alert-record.ts';
import type { Counter, Packed } from '../counters/counter.ts';
import type { CounterKey } from '../counters/counter-key.ts';
import { unpackSlots } from '../counters/packed-slots.ts';
import type { Silence } from '../counters/silence.ts';
import type { SlotValue } from '../counters/window.ts';

/** The DynamoDB attribute values that counters use (API Reference, "AttributeValue"). */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly SS: string[] }
  | { readonly B: Uint8Array }
  | { readonly M: Record<string, Attribute> };

/** A DynamoDB item. */
export type Item = Record<string, Attribute>;

/** Returns a number as an attribute value; DynamoDB takes numbers as text. */
export function numberAttribute(value: Quantity): Attribute {
  return { N: String(value) };
}

/** Returns the number in an attribute value; undefined if it has none. */
export function numberOf(attribute: Attribute | undefined): number | undefined {
  return attribute && 'N' in attribute ? Number(attribute.N) : undefined;
}

/**
 * Attribute names. Names for people are words. Repeated names are short, since DynamoDB bills names as it bills values:
 * `s<series>:<slot>`, `t:<arrival slot>`, `a:<rule>:<multiple>` and `q:<rule>`.
 */
export const slotAttribute = (series: string, slot: number): string => `s${series}:${slot.toString(36)}`;
export const tokenAttribute = (slot: number): string => `t:${slot.toString(36)}`;
export const alertAttribute = ({ rule, multiple }: { rule: string; multiple: number }): string =>
  `a:${rule}:${multiple}`;
/** The packed slots, and the number of times that slots were packed. */
export const packedAttribute = 'p';
export const versionAttribute = 'v';
export const silenceAttribute = (rule: string): string => `q:${rule}`;

/** Returns the attributes that name the counter for people: `src` and `dst`, or the group as JSON. */
export function keyAttributes(key: CounterKey): Item {
  if (key.pk.startsWith('group#')) return { group: { S: JSON.stringify(Object.fromEntries(key.fields)) } };
  const dst = key.fields.get('dstaddr');
  return { src: { S: key.fields.get('srcaddr')! }, ...(dst !== undefined && { dst: { S: dst } }) };
}

/** Writes an alert record as an attribute value. */
export function writeAlertRecord(record: AlertRecord): Attribute {
  return {
    M: {
      id: { S: record.id },
      value: numberAttribute(record.value),
      bound: { BOOL: record.isLowerBound },
      from: numberAttribute(record.from),
      to: numberAttribute(record.to),
      token: { S: record.token },
      arrival: numberAttribute(record.arrival),
      sent: { BOOL: record.sent },
      deferred: { BOOL: record.deferred },
      logOnly: { BOOL: record.logOnly },
      suppress: numberAttribute(record.suppressSeconds),
      suppressed: numberAttribute(record.suppressedCount),
      suppressedBefore: numberAttribute(record.previousSuppressedCount),
      suppressedIn: { S: record.lastSuppressedBatch },
    },
  };
}

/** Writes a silence as an attribute value. */
export function writeSilence({ reason, since, until }: Silence): Attribute {
  return { M: { reason: { S: reason }, since: numberAttribute(since), until: numberAttribute(until) } };
}

/** Reads a counter from its item; ignores unknown attributes. */
export function readCounter(item: Item): Counter {
  const slots = new Map<string, Map<number, SlotValue>>();
  const tokens = new Map<number, ReadonlySet<string>>();
  const alertRecords: AlertRecord[] = [];
  const silences = new Map<string, Silence>();
  for (const [name, attribute] of Object.entries(item)) {
    const [head = '', middle = '', last = ''] = name.split(':');
    if (last !== '' && head === 'a') alertRecords.push(readAlertRecord(middle, Number(last), attribute));
    else if (middle !== '' && head === 'q') silences.set(middle, readSilence(middle, attribute));
    else if (middle !== '' && head === 't') tokens.set(Number.parseInt(middle, 36), tokensOf(attribute));
    else if (middle !== '' && head.startsWith('s')) {
      const series = head.slice(1);
      const known = slots.get(series) ?? new Map<number, SlotValue>();
      slots.set(series, known.set(Number.parseInt(middle, 36), slotValue(attribute)));
    }
  }
  const packed = item[packedAttribute];
  return {
    bytes: quantity(item.bytes),
    rejects: Number(quantity(item.rejects)),
    firstSeen: Number(quantity(item.firstSeen)),
    lastSeen: Number(quantity(item.lastSeen)),
    slots,
    dedupTokens: tokens,
    alertRecords,
    silences,
    ...(packed && 'B' in packed && { packed: unpackInto(packed.B, Number(quantity(item[versionAttribute])), slots) }),
  };
}

/** Decodes packed slots. @param slots the slots with separate attributes, to which the packed amounts are added */
function unpackInto(bytes: Uint8Array, version: number, slots: Map<string, Map<number, SlotValue>>): Packed {
  const amounts = unpackSlots(bytes);
  const late = new Map<string, Map<number, Quantity>>();
  for (const [series, packed] of amounts) {
    const all = slots.get(series) ?? new Map<number, SlotValue>();
    const lateInSeries = new Map<number, Quantity>();
    for (const [slot, amount] of packed) {
      const separate = all.get(slot);
      if (typeof separate === 'object') continue;
      if (separate !== undefined) lateInSeries.set(slot, separate);
      all.set(slot, addQuantity(amount, separate ?? 0));
    }
    slots.set(series, all);
    if (lateInSeries.size > 0) late.set(series, lateInSeries);
  }
  return { version, amounts, bytes: bytes.length, late };
}

function readAlertRecord(rule: string, multiple: number, attribute: Attribute): AlertRecord {
  const fields = 'M' in attribute ? attribute.M : {};
  const text = (name: string) => textOf(fields[name]);
  const isTrue = (name: string) => {
    const field = fields[name];
    return field !== undefined && 'BOOL' in field && field.BOOL;
  };
  return {
    rule,
    multiple,
    id: text('id'),
    value: quantity(fields.value),
    isLowerBound: isTrue('bound'),
    from: Number(quantity(fields.from)),
    to: Number(quantity(fields.to)),
    token: text('token'),
    arrival: Number(quantity(fields.arrival)),
    sent: isTrue('sent'),
    deferred: isTrue('deferred'),
    logOnly: isTrue('logOnly'),
    suppressSeconds: Number(quantity(fields.suppress)),
    suppressedCount: Number(quantity(fields.suppressed)),
    previousSuppressedCount: Number(quantity(fields.suppressedBefore)),
    lastSuppressedBatch: text('suppressedIn'),
  };
}

function readSilence(rule: string, attribute: Attribute): Silence {
  const fields = 'M' in attribute ? attribute.M : {};
  const [since, until] = [Number(quantity(fields.since)), Number(quantity(fields.until))];
  return { rule, reason: textOf(fields.reason), since, until };
}

function textOf(attribute: Attribute | undefined): string {
  return attribute && 'S' in attribute ? attribute.S : '';
}

function quantity(attribute: Attribute | undefined): Quantity {
  return attribute && 'N' in attribute ? parseQuantity(attribute.N) : 0;
}

function slotValue(attribute: Attribute): SlotValue {
  return 'SS' in attribute ? new Set(attribute.SS) : quantity(attribute);
}

function tokensOf(attribute: Attribute): ReadonlySet<string> {
  return new Set('SS' in attribute ? attribute.SS : []);
}
