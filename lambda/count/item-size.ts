import type { AlertRecord } from '../counters/alert-record.ts';
import { type Counter, unpackedSlots } from '../counters/counter.ts';
import { type CounterKey, isPair } from '../counters/counter-key.ts';
import type { SlotValue } from '../counters/window.ts';
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
  writeSilence,
} from './counter-item.ts';

/** The size of an item in bytes, by purpose. */
export interface ItemSize {
  /** The key, the totals and the times. */
  readonly head: number;
  readonly slots: number;
  readonly tokens: number;
  /** Alert records and silences. */
  readonly alerts: number;
  readonly total: number;
}

/**
 * Returns the billed size of a counter's item, names and values (DynamoDB Developer Guide, "DynamoDB item sizes and
 * formats"). Text counts its UTF-8 bytes. A number counts one byte for each two digits, plus one. A map or list counts
 * three bytes, plus one for each member.
 */
export function itemSize(key: CounterKey, counter: Counter): ItemSize {
  const head = sizeOf({
    pk: { S: key.pk },
    ...keyAttributes(key),
    ...(isPair(key) && { bytes: { N: String(counter.bytes) }, rejects: { N: String(counter.rejects) } }),
    firstSeen: { N: String(counter.firstSeen) },
    lastSeen: { N: String(counter.lastSeen) },
    expiresAt: { N: String(counter.lastSeen) },
  });
  const { packed } = counter;
  let tokens = 0;
  let slots = packed
    ? packedAttribute.length + packed.bytes + sizeOf({ [versionAttribute]: { N: `${packed.version}` } })
    : 0;
  for (const series of counter.slots.keys()) {
    for (const [slot, value] of unpackedSlots(counter, series))
      slots += slotAttribute(series, slot).length + slotBytes(value);
  }
  for (const [slot, values] of counter.dedupTokens) tokens += tokenAttribute(slot).length + textBytes(values);
  let alerts = counter.alertRecords.reduce((sum, record) => sum + alertRecordBytes(record), 0);
  for (const [rule, silence] of counter.silences) alerts += sizeOf({ [silenceAttribute(rule)]: writeSilence(silence) });
  return { head, slots, tokens, alerts, total: head + slots + tokens + alerts };
}

/** Returns the write units of an item: one for each started KB. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

function alertRecordBytes(record: AlertRecord): number {
  return sizeOf({ [alertAttribute(record)]: writeAlertRecord(record) });
}

function slotBytes(value: SlotValue): number {
  return typeof value === 'object' ? textBytes(value) : numberBytes(String(value));
}

/** Returns the billed size of an item: see itemSize. */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + attributeBytes(value), 0);
}

function attributeBytes(attribute: Attribute): number {
  if ('S' in attribute) return Buffer.byteLength(attribute.S);
  if ('N' in attribute) return numberBytes(attribute.N);
  if ('BOOL' in attribute) return 1;
  if ('SS' in attribute) return textBytes(attribute.SS);
  if ('B' in attribute) return attribute.B.length;
  return 3 + Object.keys(attribute.M).length + sizeOf(attribute.M);
}

function textBytes(texts: Iterable<string>): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return bytes;
}

/** Trailing zeros do not count as digits. */
function numberBytes(digits: string): number {
  return Math.ceil(digits.replace(/0+$/, '').length / 2) + 1;
}
